#include "nolabel/data/pack.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstring>

#include "nolabel/data/skipped.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Pack : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (int i = 0; i < 30; ++i) {
      write(format("photos/{}/{}.png", i % 3, i), picture(static_cast<uint8_t>(i), 3 + i % 4, 6));
    }
    write("photos/0/bad.jpg", "no picture");
    write("photos/1/copy of 4.png", picture(4, 3, 6));
    options.cache_directory = root / "cache";
    observer.log = [this](Severity, const std::string& text) { log += text + "\n"; };
  }
  LoadedImages load_photos() {
    log.clear();
    return load({root / "photos"});
  }
  fs::path cache_file() const { return fs::directory_iterator(root / "cache")->path(); }

  std::string log;
};

void expect_equal(const LoadedImages& a, const LoadedImages& b) {
  ASSERT_EQ(a.dataset.size(), b.dataset.size());
  EXPECT_EQ(a.dataset.fingerprint(), b.dataset.fingerprint());
  EXPECT_EQ(a.dataset.labels(), b.dataset.labels());
  EXPECT_EQ(a.contents, b.contents);
  EXPECT_EQ(a.skipped.size(), b.skipped.size());
  for (int64_t i = 0; i < a.dataset.size(); ++i) {
    const ImageView x = a.dataset.image(i), y = b.dataset.image(i);
    EXPECT_EQ(a.dataset.name(i), b.dataset.name(i));
    ASSERT_EQ(x.height, y.height);
    ASSERT_EQ(x.width, y.width);
    EXPECT_EQ(std::memcmp(x.data, y.data, size_t{3} * x.height * x.width), 0);
  }
}

TEST_F(Pack, CacheHoldsWhatMemoryWould) {
  const LoadedImages memory = load_photos();
  EXPECT_FALSE(fs::exists(root / "cache"));
  options.memory_bytes = 500;  // some images in, then over to the disk
  const LoadedImages written = load_photos();
  EXPECT_THAT(log, HasSubstr("they go to"));
  const LoadedImages reused = load_photos();
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  expect_equal(memory, written);
  expect_equal(memory, reused);
  EXPECT_EQ(memory.skipped[0].name, "0/bad.jpg");
  EXPECT_EQ(reused.skipped[0].reason, memory.skipped[0].reason);
}

TEST_F(Pack, ChangedFilesAndOptionsAreNotTakenFromTheCache) {
  options.memory_bytes = 0;
  load_photos();
  options.short_side = 2;
  const LoadedImages small = load_photos();
  EXPECT_THAT(log, HasSubstr("they go to"));
  EXPECT_EQ(small.dataset.image(0).height, 2);
  // The same name and size, another time.
  write("photos/0/0.png", picture(99, 3, 6));
  EXPECT_EQ(*load_photos().dataset.image(0).pixel(0, 0), 99);
}

TEST_F(Pack, ADamagedCacheIsMadeAgain) {
  const LoadedImages memory = load_photos();
  options.memory_bytes = 0;
  load_photos();
  const std::string whole = read_file(cache_file());
  std::string table = whole, magic = whole;
  table[table.size() - 150] ^= 1;
  magic[0] ^= 1;
  for (const std::string& damaged :
       {whole.substr(0, whole.size() - 1), whole.substr(0, 20), std::string(), whole + "x",
        whole.substr(0, 100) + whole.substr(101), table, magic}) {
    write("cache" / cache_file().filename(), damaged);
    expect_equal(memory, load_photos());
    EXPECT_THAT(log, HasSubstr("made again"));
    EXPECT_EQ(read_file(cache_file()), whole);
  }
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
  options.short_side = 12;
  const LoadedImages loaded = load({root / "two"});
  EXPECT_EQ(loaded.dataset.image(0).height, 12);
  EXPECT_EQ(loaded.dataset.image(0).width, 24);
  EXPECT_EQ(loaded.dataset.image(1).height, 10);
  options.short_side = 0;
  EXPECT_EQ(load({root / "two"}).dataset.image(0).height, 30);
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
  observer.log = [this](Severity, const std::string&) { observer.cancel.request(); };
  EXPECT_EQ(complaint({root / "photos"}, Fault::stopped), "stopped on request");
  EXPECT_TRUE(fs::is_empty(root / "cache"));
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
  EXPECT_THAT(complaint({root / "photos"}, Fault::usage), HasSubstr("no cache directory"));
}

TEST_F(Pack, ADiskWithoutRoomIsSaidBeforehand) {
  // One image of 75 MB first in the list, then so many that twice the disk would be needed.
  constexpr uint64_t bytes = 75'000'000;
  const std::string header = "P6 5000 5000 255\n";
  write("big.ppm", header);
  fs::resize_file(root / "big.ppm", header.size() + bytes);
  std::string list = "big.ppm\n";
  const uint64_t count = 2 * free_disk_bytes(root) / bytes + 1;
  for (uint64_t i = 0; i < count; ++i) list += format("{}.png\n", i);
  write("list.csv", list);
  options.short_side = 0;
  options.memory_bytes = 1;
  EXPECT_THAT(complaint({root / "list.csv"}, Fault::system), HasSubstr("must have room for about"));
  EXPECT_TRUE(fs::is_empty(root / "cache"));
}

TEST_F(Pack, SkippedImagesAsCsv) {
  write_skipped_csv(root / "skipped.csv", {{"a, \"b\".jpg", "truncated"}, {"c\nd.jpg", "empty"}});
  EXPECT_EQ(read_file(root / "skipped.csv"),
            "path,reason\n\"a, \"\"b\"\".jpg\",truncated\n\"c\nd.jpg\",empty\n");
}

}  // namespace
}  // namespace nolabel
