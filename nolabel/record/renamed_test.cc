#include "nolabel/record/renamed.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

TEST(Renamed, ShowsTheSameProgressUnderAnotherName) {
  Progress seen;
  Observer observer;
  EXPECT_FALSE(renamed(observer, "again").progress);
  observer.progress = [&](const Progress& progress) { seen = progress; };
  renamed(observer, "again").progress({"embed", "", 3, 7, "images"});
  EXPECT_EQ(seen.stage, "again");
  EXPECT_EQ(seen.done, 3);
  renamed(observer, "again").cancel.request();
  EXPECT_TRUE(observer.cancel.requested());
}

}  // namespace
}  // namespace nolabel
