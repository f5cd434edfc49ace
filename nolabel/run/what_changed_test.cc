#include "nolabel/run/what_changed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::HasSubstr;
using testing::Not;

MadeFrom made_from() {
  return {.provenance = {{"stage", "scan"},
                         {"settings", {{"num_classes", 10}, {"optimizer_kwargs", {{"lr", 0.1}}}}},
                         {"data", std::string(64, 'a')},
                         {"inputs", {{"backbone", std::string(64, 'b')}}},
                         {"seed", 0}},
          .names = {{"backbone", "the starter"}}};
}

TEST(WhatChanged, NamesSettingsAsTheyAreTyped) {
  MadeFrom is = made_from();
  is.provenance["settings"]["num_classes"] = 8;
  is.provenance["settings"]["optimizer_kwargs"]["lr"] = 0.2;
  is.provenance["settings"]["metric"] = "cosine";
  is.provenance["seed"] = 3;
  const std::string text = what_changed(made_from(), is, "");
  EXPECT_THAT(text, HasSubstr("num_classes was 10, is 8"));
  EXPECT_THAT(text, HasSubstr("optimizer_kwargs.lr was 0.1, is 0.2"));
  EXPECT_THAT(text, HasSubstr("metric was unset, is cosine"));
  EXPECT_THAT(text, HasSubstr("seed was 0, is 3"));
  EXPECT_EQ(what_changed(made_from(), made_from(), ""), "");
}

TEST(WhatChanged, SaysWhatOfTheImagesChanged) {
  MadeFrom is = made_from();
  is.provenance["data"] = std::string(64, 'c');
  EXPECT_EQ(what_changed(made_from(), is, "3 new (a, b, c), 1 gone (x.jpg)"),
            "the images changed: 3 new (a, b, c), 1 gone (x.jpg)");
  EXPECT_EQ(what_changed(made_from(), is, ""),
            "the images, their order or the reading of their pixels changed");
}

TEST(WhatChanged, NamesTheBackboneInsteadOfItsHash) {
  MadeFrom is = made_from();
  is.provenance["inputs"]["backbone"] = std::string(64, 'd');
  EXPECT_EQ(what_changed(made_from(), is, ""), "the backbone (the starter) has changed");
  is.names["backbone"] = "moco_v2.pth";
  EXPECT_EQ(what_changed(made_from(), is, ""), "the backbone was the starter, is moco_v2.pth");
  MadeFrom unnamed = made_from();
  unnamed.names = nlohmann::json::object();
  EXPECT_EQ(what_changed(unnamed, is, ""), "the backbone changed and is now moco_v2.pth");
  is.provenance["inputs"].erase("backbone");
  EXPECT_THAT(what_changed(made_from(), is, ""), Not(HasSubstr("bbbb")));
}

}  // namespace
}  // namespace nolabel
