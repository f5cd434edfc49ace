// A run remembers the backbone that it was made with, whatever the effort.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// A weights file that ImageNet's labels have trained, as it says: standard effort does not tune it.
fs::path file_with_labels(const fs::path& folder) {
  const fs::path model = backbone() / "pretext/model.pth.tar", file = folder / "net.pth";
  fs::copy_file(model, file);
  json stated = json::parse(read_file(model.string() + ".backbone.json"));
  stated["labels"] = "imagenet";
  write_file(file.string() + ".backbone.json", stated.dump());
  return file;
}

json state_of(const fs::path& run) {
  return json::parse(read_file(run / "run.json"));
}

TEST(RememberedBackbone, OfStandardEffortThatIsNotTuned) {
  const fs::path home = new_folder("remembered_untuned"), file = file_with_labels(home);
  const std::string out = (home / "run").string();
  result_of(
      format("cluster '{}' --clusters 3 --effort standard --backbone '{}' --image-size 24 "
             "--out '{}'",
             images().string(), file.string(), out));
  for (const std::string& words :
       {format("cluster '{}' --clusters 2", out), format("cluster --out '{}'", out)}) {
    const Outcome again = run(words);
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.err, Not(HasSubstr("starter")));
    EXPECT_EQ(state_of(out)["backbone_file"], file.string());
    EXPECT_EQ(state_of(out)["image_size"], 24);
  }
  // Another one is refused before it is tuned.
  expect_failure(format("cluster --backbone starter --out '{}'", out), 2, "another backbone");
  EXPECT_FALSE(fs::exists(home / "run/pretext/model.pth.tar"));
}

TEST(RememberedBackbone, ThatATunedOneBeganWith) {
  const fs::path home = new_folder("remembered_tuned");
  const std::string out = (home / "run").string();
  result_of(
      format("cluster '{}' --clusters 3 --effort standard --backbone '{}' --image-size 24 "
             "--out '{}'",
             images().string(), backbone().string(), out));
  const json start{{"file", backbone().string()}, {"image_size", 24}};
  EXPECT_EQ(state_of(out)["backbone_start"], start);
  for (const std::string& words :
       {format("cluster '{}' --clusters 2", out), format("update '{}'", out),
        format("cluster --out '{}'", out),
        format("cluster --backbone '{}' --out '{}'", backbone().string(), out)}) {
    const Outcome again = run(words);
    ASSERT_EQ(again.code, 0) << words << again.err;
    EXPECT_EQ(state_of(out)["backbone_start"], start) << words;
  }
  expect_failure(format("cluster --backbone starter --out '{}'", out), 2,
                 "the backbone that training starts from");
}

// What to expect of the starter is told as long as the run uses it.
TEST(RememberedBackbone, KeepsItsWarning) {
  const fs::path run_folder = new_folder("remembered_warning") / "run";
  const std::string out = run_folder.string();
  result_of(format("cluster '{}' --clusters 3 --out '{}'", images().string(), out));
  const std::string warning = state_of(run_folder)["backbone_warning"];
  EXPECT_THAT(warning, HasSubstr("starter"));
  for (const std::string& words :
       {format("cluster '{}' --clusters 2", out), format("cluster --out '{}'", out)}) {
    EXPECT_THAT(result_of(words)["warnings"].dump(), HasSubstr("the starter backbone")) << words;
    EXPECT_EQ(state_of(run_folder)["backbone_warning"], warning);
  }
  result_of(format("cluster --backbone starter --out '{}'", out));
  EXPECT_FALSE(state_of(run_folder).contains("backbone_warning"));  // a person chose it
}

// The views that were asked for stay, where the same file is named again or has moved.
TEST(RememberedBackbone, ThatWasMovedKeepsTheViews) {
  const fs::path home = new_folder("remembered_views"), file = file_with_labels(home);
  const std::string out = (home / "run").string();
  result_of(format("cluster '{}' --clusters 3 --backbone '{}' --image-size 24 --out '{}'",
                   images().string(), file.string(), out));
  const fs::path moved = home / "moved.pth";
  fs::rename(file, moved);
  fs::rename(file.string() + ".backbone.json", moved.string() + ".backbone.json");
  for (const std::string& words :
       {format("cluster '{}' --backbone '{}'", out, moved.string()),
        format("cluster --backbone '{}' --out '{}'", moved.string(), out),
        format("mine --force --backbone '{}' --out '{}'", moved.string(), out)}) {
    const Outcome again = run(words);
    ASSERT_EQ(again.code, 0) << words << again.err;
    EXPECT_EQ(state_of(out)["image_size"], 24) << words;
    EXPECT_EQ(state_of(out)["backbone_file"], moved.string()) << words;
  }
  // Another backbone has its own views.
  result_of(format("mine --force --backbone starter --out '{}'", out));
  EXPECT_FALSE(state_of(out).contains("image_size"));
}

}  // namespace
}  // namespace nolabel
