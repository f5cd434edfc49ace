#include "nolabel/data/pack.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/skipped.h"
#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

using Pack = PackTest;

TEST_F(Pack, CacheHoldsWhatMemoryWould) {
  const LoadedImages memory = load_photos();
  EXPECT_FALSE(fs::exists(root / "cache"));
  options.memory_bytes = 500;  // some images in, then over to the disk
  const LoadedImages written = load_photos();
  EXPECT_THAT(log, HasSubstr("nolabel writes them to"));
  const LoadedImages reused = load_photos();
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  expect_equal(memory, written);
  expect_equal(memory, reused);
  EXPECT_EQ(memory.skipped[0].name, "0/bad.jpg");
  EXPECT_EQ(reused.skipped[0].reason, memory.skipped[0].reason);
}

TEST_F(Pack, ADiskThatFillsUpMeanwhileIsSaidAndNothingStays) {
  options.memory_bytes = 0;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{500, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string told = complaint({root / "photos"}, Fault::system);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(told, HasSubstr("cannot write " + (root / "cache").string()));
  EXPECT_TRUE(fs::is_empty(root / "cache"));
  EXPECT_EQ(load_photos().dataset.size(), 31);
}

TEST_F(Pack, TheResultDoesNotDependOnThreads) {
  const LoadedImages one = load_photos();
  options.threads = 4;
  expect_equal(one, load_photos());
}

TEST_F(Pack, ByteIdenticalFilesAreReported) {
  const LoadedImages loaded = load_photos();
  const auto groups = identical_groups(loaded.contents);
  ASSERT_EQ(groups.size(), 1u);
  std::vector<std::string> group;
  for (const int64_t i : groups[0]) group.push_back(loaded.dataset.name(i));
  EXPECT_THAT(group, ElementsAre("1/4.png", "1/copy of 4.png"));
}

TEST_F(Pack, ShortSideShrinksButNeverEnlarges) {
  write("two/a.png", picture(7, 30, 60));
  write("two/b.png", picture(7, 10, 8));
  options.pictures.short_side = 12;
  const LoadedImages loaded = load({root / "two"});
  EXPECT_EQ(loaded.dataset.height(0), 12);
  EXPECT_EQ(loaded.dataset.width(0), 24);
  EXPECT_EQ(loaded.dataset.height(1), 10);
  options.pictures.short_side = 0;
  EXPECT_EQ(load({root / "two"}).dataset.height(0), 30);
}

TEST_F(Pack, StrictEndsAtTheFirstBadFileAlsoFromTheCache) {
  options.memory_bytes = 0;
  load_photos();
  options.strict = true;
  EXPECT_THAT(complaint({root / "photos"}, Fault::data), HasSubstr("0/bad.jpg: "));
  fs::remove_all(root / "cache");
  EXPECT_THAT(complaint({root / "photos"}, Fault::data), HasSubstr("0/bad.jpg: "));
  EXPECT_TRUE(fs::is_empty(root / "cache"));
}

TEST_F(Pack, StopsOnRequestAndLeavesNoHalfCache) {
  options.memory_bytes = 0;
  observer.log = [this](Severity, const std::string& text) {
    if (text.find("nolabel writes them to") != text.npos) observer.cancel.request();
  };
  EXPECT_EQ(complaint({root / "photos"}, Fault::stopped),
            "stopped on request. Run the same command again to continue.");
  for (const auto& entry : fs::directory_iterator(root / "cache")) {
    EXPECT_NE(entry.path().extension(), ".pack");
  }
  observer = Observer();
  EXPECT_EQ(load_photos().dataset.size(), 31);
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "cache"), {}), 1);
}

TEST_F(Pack, ProgressEndsAtTheTotal) {
  Progress last;
  observer.progress = [&](const Progress& progress) { last = progress; };
  load_photos();
  EXPECT_EQ(last.done, 32);
  EXPECT_EQ(last.total, 32);
  EXPECT_EQ(last.unit, "images");
}

TEST_F(Pack, NoCacheDirectoryIsSaid) {
  options.memory_bytes = 100;
  options.cache_directory.clear();
  EXPECT_THAT(complaint({root / "photos"}, Fault::usage),
              HasSubstr("Name a folder for them with --cache-dir"));
}

TEST_F(Pack, ADiskWithoutRoomIsSaidBeforehandWithWhatWouldFit) {
  constexpr uint64_t gib = uint64_t{1} << 30;
  const PackEstimate estimate{.raw_bytes = 312 * gib, .compressed_bytes = 58 * gib, .error = 1.24};
  const auto complaint = [&](CacheFormat cache_format, uint64_t room) -> std::string {
    try {
      require_room(estimate, cache_format, room, "/disk");
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::system);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint(CacheFormat::raw, 312 * gib), "");
  EXPECT_EQ(complaint(CacheFormat::raw, 100 * gib),
            "the disk must have room for about 312.0 GiB of decoded images. /disk has 100.0 GiB "
            "left. Use --cache-format compressed, which needs about 58.0 GiB (JPEG of quality 95 "
            "changes a level by 1.2 of 255 on average), or name another folder with --cache-dir.");
  EXPECT_THAT(complaint(CacheFormat::raw, gib / 4),
              HasSubstr("has 256 MiB left. Even --cache-format compressed needs about 58.0 GiB. "
                        "Name another folder with --cache-dir"));
  EXPECT_EQ(complaint(CacheFormat::compressed, 60 * gib), "");
  EXPECT_THAT(complaint(CacheFormat::compressed, gib), HasSubstr("58.0 GiB of compressed images"));
}

TEST_F(Pack, SkippedImagesAsCsv) {
  write_skipped_csv(root / "skipped.csv", {{"a, \"b\".jpg", "truncated"}, {"c\nd.jpg", "empty"}});
  EXPECT_EQ(read_file(root / "skipped.csv"),
            "path,reason\n\"a, \"\"b\"\".jpg\",truncated\n\"c\nd.jpg\",empty\n");
}

}  // namespace
}  // namespace nolabel
