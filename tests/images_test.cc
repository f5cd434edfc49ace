// Which images a run takes: copies, parts that are set aside, pictures that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string mine(const fs::path& data, const std::string& run_name) {
  return "mine " + data.string() + " --mined-neighbors 3 --backbone " + backbone().string() +
         " --out " + (scratch() / run_name).string();
}

TEST(Images, TestImagesThatAreTrainedOn) {
  const fs::path folder = new_folder("leak");
  write_images(folder / "train", 2, 4, 1);
  write_images(folder / "test", 2, 4, 2);
  fs::copy_file(folder / "train/class0/1.ppm", folder / "test/class0/copy.ppm");
  const Outcome outcome = run(mine(folder, "leak_run"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 of 9 validation images are copies of training images"));
  const auto rows = read_csv(scratch() / "leak_run/duplicates.csv");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0].fields, ElementsAre("group", "path"));
  EXPECT_THAT(rows[1].fields, ElementsAre("0", "train/class0/1.ppm"));
  EXPECT_THAT(rows[2].fields, ElementsAre("0", "test/class0/copy.ppm"));
}

// A hold-out keeps copies together, unless copies are to train, too: then they are found on either
// side.
TEST(Images, HeldOutImagesThatAreTrainedOn) {
  const fs::path folder = new_folder("copies_held_out");
  write_images(folder, 1, 1);
  for (int i = 1; i < 8; ++i) {
    fs::copy_file(folder / "class0/0.ppm", folder / format("class0/{}.ppm", i));
  }
  const std::string words = mine(folder, "held_out_run") + " --hold-out 0.5";
  const Outcome together = run(words);
  EXPECT_EQ(together.code, 2);
  EXPECT_THAT(together.err, HasSubstr("near-duplicates in the same one"));
  const Outcome outcome = run(words + " --duplicates keep");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              HasSubstr("4 of 4 validation images are exact copies of training images"));
  EXPECT_EQ(read_csv(scratch() / "held_out_run/duplicates.csv").size(), 9u);
}

TEST(Images, CopiesWithinOneSplitAreOnlyCounted) {
  const fs::path folder = new_folder("copies");
  write_images(folder, 2, 4);
  fs::copy_file(folder / "class0/0.ppm", folder / "class1/copy.ppm");
  const Outcome outcome = run(mine(folder, "copies_run"));
  EXPECT_THAT(outcome.err, HasSubstr("1 images are near-duplicates of other images"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("too good")));
}

TEST(Images, TooFewToHoldOut) {
  expect_failure(mine(images(), "hold_run") + " --hold-out 0.02", 2,
                 "hold_out must leave at least 2 images in each split");
}

// A strip shows nothing in a square view, and enlarged it would fill the memory.
TEST(Images, StripsAreSkipped) {
  const fs::path folder = new_folder("strips");
  write_images(folder, 2, 4);
  write_file(folder / "class0/strip.ppm", "P6\n202 2\n255\n" + std::string(202 * 2 * 3, 'x'));
  const Outcome outcome = run(mine(folder, "strips_run"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto skipped = read_csv(scratch() / "strips_run/skipped.csv");
  ASSERT_EQ(skipped.size(), 2u);
  EXPECT_EQ(skipped[1].fields[0], "class0/strip.ppm");
  EXPECT_THAT(skipped[1].fields[1], HasSubstr("more than 100 times the other (202 x 2 pixels)"));
}

// A program whose folder lacks libnolabel_heif.so, as one whose machine lacks libheif.
TEST(Images, HeicIsSkippedWithAReasonWhereItsLibraryIsMissing) {
  const fs::path folder = new_folder("with_heic"), place = new_folder("without_heif");
  write_images(folder, 2, 4);
  fs::copy_file(NOLABEL_SOURCE "/nolabel/image/testdata/rgb.heic", folder / "phone.heic");
  const fs::path build = fs::path(NOLABEL_PROGRAM).parent_path();
  for (const char* file : {"nolabel", "libnolabel_program.so"}) {
    fs::copy_file(build / file, place / file);
  }
  // run() puts its program behind the starter, where it is the shell's $0 and never called.
  const std::string copy = "sh -c 'exec " + (place / "nolabel").string() + " \"$@\"'";
  const Outcome without = run(mine(folder, "no_heif_run"), {.starter = copy});
  ASSERT_EQ(without.code, 0) << without.err;
  const auto skipped = read_csv(scratch() / "no_heif_run/skipped.csv");
  ASSERT_EQ(skipped.size(), 2u);
  EXPECT_EQ(skipped[1].fields[0], "phone.heic");
  EXPECT_EQ(
      skipped[1].fields[1],
      "HEIC and AVIF need libnolabel_heif.so, which must lie beside the program or in ../lib");

  const Outcome with = run(mine(folder, "heif_run"));
  ASSERT_EQ(with.code, 0) << with.err;
  EXPECT_FALSE(fs::exists(scratch() / "heif_run/skipped.csv"));
}

// From nothing, the views are as large as the images allow.
TEST(Images, FullEffortFitsTheViewsToTheImages) {
  const std::string flags = " --clusters 2 --effort full --time-limit 1 --out ";
  const Outcome small =
      run("cluster " + images().string() + flags + (scratch() / "full_small").string());
  EXPECT_EQ(small.code, 75) << small.err;
  EXPECT_THAT(
      small.err,
      HasSubstr(
          "a new network with random weights (because of --effort full); views of 32 pixels"));
  const fs::path folder = new_folder("larger");
  for (int i = 0; i < 4; ++i) {
    write_file(folder / format("{}.ppm", i),
               "P6\n64 64\n255\n" + std::string(64 * 64 * 3, static_cast<char>('a' + i)));
  }
  const Outcome large =
      run("cluster " + folder.string() + flags + (scratch() / "full_large").string());
  EXPECT_EQ(large.code, 75) << large.err;
  EXPECT_THAT(large.err, HasSubstr("views of 96 pixels"));
}

// More than the least megabyte of --memory: 60 pictures of 100 x 100.
fs::path large_images() {
  const fs::path folder = new_folder("large");
  for (int i = 0; i < 60; ++i) {
    std::string pixels;
    for (int k = 0; k < 100 * 100 * 3; ++k) pixels += static_cast<char>((k / 300 * i + k) % 251);
    write_file(folder / format("{}.ppm", i), "P6\n100 100\n255\n" + pixels);
  }
  return folder;
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry);
  }
  return files;
}

TEST(Images, ThatDoNotFitIntoTheMemoryAreKeptOnceForAllRuns) {
  const fs::path folder = large_images(), cache = new_folder("cache");
  const std::string options = " --memory 1 --image-size 88";
  const Outcome first = run(mine(folder, "kept_run") + options + " --cache-dir " + cache.string());
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("nolabel writes them to " + cache.string()));
  ::setenv("NOLABEL_CACHE", cache.c_str(), 1);
  const Outcome second = run(mine(folder, "other_kept_run") + options);
  ::unsetenv("NOLABEL_CACHE");
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("using the decoded images in " + cache.string()));
  EXPECT_EQ(files_of(cache).size(), 1u);
  EXPECT_FALSE(fs::exists(scratch() / "kept_run/cache"));
}

// Reading large photos is the longest part of many runs.
TEST(Images, TheEstimateComesBeforeTheyAreRead) {
  const fs::path folder = new_folder("estimated"), cache = new_folder("estimated_cache");
  fs::copy(large_images(), folder, fs::copy_options::recursive);
  write_file(folder / "text.jpg", "hello");
  const auto clustered = [&](const std::string& out) {
    const Outcome outcome = run("cluster " + folder.string() + " --clusters 2 --backbone " +
                                backbone().string() + " --image-size 88 --memory 1 --cache-dir " +
                                cache.string() + " --out " + (scratch() / out).string());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.err;
  };
  // What is no image is known when all are read.
  const std::string estimate = "estimate on this machine: quick ", read = "files could not be used";
  const std::string first = clustered("estimated_run");
  EXPECT_LT(first.find(estimate), first.find(read));
  EXPECT_EQ(first.find(estimate), first.rfind(estimate));
  // The pack is there.
  const std::string second = clustered("other_estimated_run");
  EXPECT_GT(second.find(estimate), second.find(read));
  EXPECT_THAT(second, HasSubstr(estimate));
}

TEST(Images, CompressedOnesAreOtherDataWhichTheRunRemembers) {
  const fs::path folder = large_images();
  const std::string call = mine(folder, "compressed_run") + " --image-size 88";
  ASSERT_EQ(run(call).code, 0);
  expect_failure(call + " --cache-format compressed", 2, "cache_format was raw, is compressed");
  const Outcome forced = run(call + " --cache-format compressed --force");
  ASSERT_EQ(forced.code, 0) << forced.err;
  // In a file instead of the memory, and without being told again.
  const Outcome again = run(call + " --memory 1");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("compressed to JPEG"));
  expect_failure(call + " --cache-format raw", 2, "cache_format was compressed, is raw");
}

}  // namespace
}  // namespace nolabel
