// `nolabel update` of a run that holds images out: known images stay on their side of the split.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kKinds = 3, kOfKind = 12, kHeldOut = 9;

struct SplitRun {
  fs::path home, photos, run;

  explicit SplitRun(const std::string& name)
      : home(new_folder(name)), photos(home / "photos"), run(home / "run") {
    write_images(photos, kKinds, kOfKind);
    result_of(
        format("cluster '{}' --clusters 3 --hold-out 0.25 --backbone '{}' --labels none --out '{}'",
               photos.string(), backbone().string(), run.string()));
  }
  json update(const std::string& more = "") const {
    return result_of(format("update '{}' {}", run.string(), more));
  }
};

std::set<std::string> images_listed_in(const fs::path& table) {
  std::set<std::string> names;
  const auto rows = read_csv(table);
  for (size_t i = 1; i < rows.size(); ++i) names.insert(rows[i].fields[0]);
  return names;
}
std::set<std::string> training(const fs::path& run) {
  return images_listed_in(run / "assignments.csv");
}
std::set<std::string> held_out(const fs::path& run) {
  return images_listed_in(run / "assignments-validation.csv");
}

// Whether those of `were` that are still there are in `are`.
void expect_stay(const std::set<std::string>& were, const std::set<std::string>& are,
                 const std::string& moved) {
  for (const std::string& name : were) {
    if (name == moved) continue;
    EXPECT_TRUE(are.contains(name)) << name;
  }
}

TEST(UpdateSplit, KnownImagesStayOnTheirSideInEveryCommand) {
  const SplitRun split("split_stays");
  const auto train = training(split.run), aside = held_out(split.run);
  ASSERT_EQ(aside.size(), static_cast<size_t>(kHeldOut));
  write_images(split.photos / "later", kKinds, 10, 55);
  const std::string moved = *aside.begin(), copied = *aside.rbegin();
  fs::rename(split.photos / moved, split.photos / "moved.ppm");
  fs::copy_file(split.photos / copied, split.photos / "copy.ppm");
  const json result = split.update();
  EXPECT_EQ(result["new"], kKinds * 10 + 1);
  EXPECT_EQ(result["moved"], 1);
  const auto train_now = training(split.run), aside_now = held_out(split.run);
  expect_stay(train, train_now, "");
  expect_stay(aside, aside_now, moved);
  EXPECT_TRUE(aside_now.contains("moved.ppm"));
  EXPECT_TRUE(aside_now.contains("copy.ppm"));
  EXPECT_GT(train_now.size(), train.size());
  EXPECT_GT(aside_now.size(), aside.size() + 1);  // some of the new ones, beside the copy
  EXPECT_EQ(train_now.size() + aside_now.size(), static_cast<size_t>(kKinds * (kOfKind + 10) + 1));

  const std::string run_name = split.run.string();
  for (const std::string& words :
       {format("report --out '{}'", run_name), format("update '{}'", run_name),
        format("update '{}' --retrain --hold-out 0.25", run_name),
        format("cluster '{}' --clusters 2", run_name),
        format("cluster --force --out '{}'", run_name)}) {
    ASSERT_EQ(run(words).code, 0) << words;
    EXPECT_EQ(training(split.run), train_now) << words;
    EXPECT_EQ(held_out(split.run), aside_now) << words;
  }
  // Who begins again gets the split that a new run would have.
  const fs::path fresh = split.home / "fresh";
  for (const fs::path& out : {split.run, fresh}) {
    result_of(
        format("cluster '{}' --clusters 3 --hold-out 0.25 --backbone '{}' --labels none "
               "--out '{}' --force",
               split.photos.string(), backbone().string(), out.string()));
  }
  EXPECT_EQ(held_out(split.run), held_out(fresh));
  EXPECT_NE(held_out(split.run), aside_now);
}

TEST(UpdateSplit, DoesNotDependOnTheStepsInWhichImagesCome) {
  const SplitRun at_once("split_steps");
  const fs::path in_steps = at_once.home / "in-steps";
  fs::copy(at_once.run, in_steps, fs::copy_options::recursive);
  write_images(at_once.photos / "first", kKinds, 5, 55);
  result_of(format("update '{}'", in_steps.string()));
  write_images(at_once.photos / "second", kKinds, 5, 77);
  result_of(format("update '{}'", in_steps.string()));
  at_once.update();
  EXPECT_EQ(held_out(at_once.run), held_out(in_steps));
}

TEST(UpdateSplit, RefusesAnotherShareAndARunThatKnowsNoSides) {
  const SplitRun split("split_refused");
  const auto aside = held_out(split.run);
  const std::string words = format("update '{}'", split.run.string());
  expect_failure(words + " --hold-out 0.4", 2, "keeps the images that the run holds out");
  expect_failure(words + " --split-seed 9", 2, "keeps the images that the run holds out");
  // As an older version wrote it.
  const fs::path list = split.run / "images.csv";
  std::string text;
  for (const CsvRow& row : read_csv(list)) text += csv_row({row.fields[0], row.fields[1]});
  write_file(list, text);
  expect_failure(words, 2, "nolabel cluster --out");
  ASSERT_EQ(run(format("cluster --out '{}'", split.run.string())).code, 0);
  write_images(split.photos / "later", kKinds, 1, 55);
  EXPECT_EQ(split.update()["new"], kKinds);
  expect_stay(aside, held_out(split.run), "");
  // A run without a split gets none.
  const fs::path whole = split.home / "whole";
  result_of(format("cluster '{}' --clusters 3 --backbone '{}' --labels none --out '{}'",
                   split.photos.string(), backbone().string(), whole.string()));
  expect_failure(format("update '{}' --hold-out 0.25", whole.string()), 2, "--force");
}

}  // namespace
}  // namespace nolabel
