#include "nolabel/data/pack.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

#include "nolabel/base/make_lock.h"
#include "nolabel/base/test_flock.h"
#include "nolabel/data/pack_estimate.h"
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
  std::vector<fs::path> cache_files() const {
    return {fs::directory_iterator(root / "cache"), fs::directory_iterator()};
  }

  std::string log;
};

void expect_equal(const LoadedImages& a, const LoadedImages& b) {
  ASSERT_EQ(a.dataset.size(), b.dataset.size());
  EXPECT_EQ(a.dataset.fingerprint(), b.dataset.fingerprint());
  EXPECT_EQ(a.dataset.labels(), b.dataset.labels());
  EXPECT_EQ(a.contents, b.contents);
  EXPECT_EQ(a.skipped.size(), b.skipped.size());
  for (int64_t i = 0; i < a.dataset.size(); ++i) {
    const DatasetImage of_a = a.dataset.image(i), of_b = b.dataset.image(i);
    const ImageView x = of_a.view(), y = of_b.view();
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
  EXPECT_EQ(small.dataset.height(0), 2);
  // The same name and size, another time.
  write("photos/0/0.png", picture(99, 3, 6));
  const LoadedImages changed = load_photos();
  const DatasetImage first = changed.dataset.image(0);
  EXPECT_EQ(*first.view().pixel(0, 0), 99);
}

TEST_F(Pack, ThePackOfFilesThatChangedIsReplacedAndThatOfMovedOnesFound) {
  options.memory_bytes = 0;
  load_photos();
  const fs::path first = cache_file();
  write("photos/0/0.png", picture(99, 3, 6));
  load_photos();
  ASSERT_EQ(cache_files().size(), 1u);
  EXPECT_NE(cache_file(), first);
  fs::rename(root / "photos", root / "moved");
  log.clear();
  load({root / "moved"});
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  EXPECT_EQ(cache_files().size(), 1u);
}

TEST_F(Pack, OtherImagesOfTheSameNamesSizesAndTimesAreNotTaken) {
  options.memory_bytes = 0;
  const auto write_all = [&](const std::string& folder, char first) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = format("{}/{}.ppm", folder, i);
      write(name, "P6\n4 4\n255\n" + std::string(48, static_cast<char>(first + i)));
      fs::last_write_time(root / name, fs::file_time_type{});
    }
  };
  const auto first_level = [&](const std::string& folder) {
    log.clear();
    const LoadedImages loaded = load({root / folder});
    const DatasetImage image = loaded.dataset.image(0);
    return *image.view().pixel(0, 0);
  };
  write_all("one", 10);
  write_all("two", 20);
  write_all("copy", 10);
  EXPECT_EQ(first_level("one"), 10);
  EXPECT_EQ(first_level("two"), 20);
  EXPECT_THAT(log, HasSubstr("is not used: made from other images"));
  EXPECT_EQ(first_level("copy"), 10);
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  EXPECT_EQ(cache_files().size(), 2u);
  write_all("two", 30);  // at the same path, as in two containers
  EXPECT_EQ(first_level("two"), 30);
  EXPECT_EQ(cache_files().size(), 2u);
}

TEST_F(Pack, OtherImagesInFilesOfOneSizeAreNotTaken) {
  options.memory_bytes = 0;
  options.split = Split::train;
  options.labels = LabelSource::none;
  for (const char level : {'a', 'b'}) {
    const std::string file = format("stl_{}/train_X.bin", level);
    // They differ in the last image only.
    write(file,
          std::string(size_t{2} * 3 * 96 * 96, 'x') + std::string(size_t{3} * 96 * 96, level));
    fs::last_write_time(root / file, fs::file_time_type{});
  }
  for (const char level : {'a', 'b', 'a'}) {
    const LoadedImages loaded = load({root / format("stl_{}", level)});
    ASSERT_EQ(loaded.dataset.size(), 3);
    const DatasetImage last = loaded.dataset.image(2);
    EXPECT_EQ(*last.view().pixel(0, 0), level);
  }
}

TEST_F(Pack, WhatKilledWritersLeftIsRemovedWithTheNextPack) {
  options.memory_bytes = 0;
  write("cache/00000000-0123456789abcdef.pack.4194305.tmp", "half a pack");
  write("cache/00000000-0123456789abcdef.pack.lock", "");
  load_photos();
  EXPECT_EQ(cache_files().size(), 1u);
}

// There nobody knows whether the writer was killed.
TEST_F(Pack, WithoutLocksWhatMayBeAnothersStays) {
  options.memory_bytes = 0;
  load_photos();
  const std::string pack = cache_file().filename().string();
  fs::remove(cache_file());
  write(format("cache/{}.123.tmp", pack), "half a pack");
  before_flock = [] { return ENOLCK; };
  EXPECT_EQ(load_photos().dataset.size(), 31);
  before_flock = nullptr;
  EXPECT_TRUE(fs::exists(root / format("cache/{}.123.tmp", pack)));
  EXPECT_TRUE(fs::exists(root / "cache" / pack));
}

TEST_F(Pack, TwoThatWantTheSamePackMakeItOnce) {
  options.memory_bytes = 0;
  std::mutex mutex;
  std::string said;
  observer.log = [&](Severity, const std::string& text) {
    const std::lock_guard guard(mutex);
    said += text + "\n";
  };
  std::optional<LoadedImages> loaded[2];
  std::thread other([&] { loaded[1] = load({root / "photos"}); });
  loaded[0] = load({root / "photos"});
  other.join();
  expect_equal(*loaded[0], *loaded[1]);
  EXPECT_EQ(cache_files().size(), 1u);
  const size_t made = said.find("they go to");
  ASSERT_NE(made, std::string::npos);
  EXPECT_EQ(said.find("they go to", made + 1), std::string::npos) << said;
}

TEST_F(Pack, ADiskThatFillsUpMeanwhileIsSaidAndNothingStays) {
  options.memory_bytes = 0;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{500, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string said = complaint({root / "photos"}, Fault::system);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(said, HasSubstr("cannot write " + (root / "cache").string()));
  EXPECT_TRUE(fs::is_empty(root / "cache"));
  EXPECT_EQ(load_photos().dataset.size(), 31);
}

TEST_F(Pack, ACacheDirectoryThatCannotBeMadeIsSaid) {
  options.memory_bytes = 0;
  write("cache", "a file");
  EXPECT_THAT(complaint({root / "photos"}, Fault::system),
              HasSubstr("cache must be a folder that can be written. "));
}

TEST_F(Pack, WaitsForAnotherThatMakesItUntilStopped) {
  options.memory_bytes = 0;
  load_photos();
  const fs::path pack = cache_file();
  fs::remove(pack);
  const auto held = MakeLock::attempt(pack);
  ASSERT_TRUE(held);
  observer.log = [this](Severity, const std::string& text) {
    log += text;
    observer.cancel.request();
  };
  EXPECT_EQ(complaint({root / "photos"}, Fault::stopped), "stopped on request");
  EXPECT_THAT(log, HasSubstr("another process is making"));
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

// Gives up root's rights while it lives: they would ignore what a folder forbids.
class OrdinaryUser {
 public:
  OrdinaryUser() {
    if (root_) EXPECT_EQ(::seteuid(65534), 0);
  }
  ~OrdinaryUser() {
    if (root_) EXPECT_EQ(::seteuid(0), 0);
  }

 private:
  const bool root_ = ::geteuid() == 0;
};

// As in a folder of all users, where only its owner may remove a file.
TEST_F(Pack, ADamagedCacheThatCannotBeRemovedIsSaid) {
  options.memory_bytes = 0;
  load_photos();
  const fs::path pack = cache_file();
  write(pack, "damaged");
  const bool root_user = ::geteuid() == 0;
  ASSERT_EQ(::chmod((root / "cache").c_str(), root_user ? 01777 : 0555), 0);
  int times = 0;
  observer.log = [&](Severity, const std::string&) {
    if (++times > 3) observer.cancel.request();
  };
  {
    const OrdinaryUser user;
    EXPECT_THAT(complaint({root / "photos"}, Fault::system),
                HasSubstr("cannot remove " + pack.string() + ": "));
    options.memory_bytes = 1 << 20;  // then it is not needed
    EXPECT_EQ(load_photos().dataset.size(), 31);
  }
  fs::permissions(root / "cache", fs::perms::owner_all);
}

TEST_F(Pack, APlaceThatCanOnlyBeReadServesWhatIsThere) {
  options.memory_bytes = 0;
  load_photos();
  fs::permissions(root / "cache", fs::perms::owner_read | fs::perms::owner_exec |
                                      fs::perms::others_read | fs::perms::others_exec);
  {
    const OrdinaryUser user;
    EXPECT_EQ(load_photos().dataset.size(), 31);
  }
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  fs::permissions(root / "cache", fs::perms::owner_all);
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
  EXPECT_EQ(loaded.dataset.height(0), 12);
  EXPECT_EQ(loaded.dataset.width(0), 24);
  EXPECT_EQ(loaded.dataset.height(1), 10);
  options.short_side = 0;
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
            "left. --cache-format compressed needs about 58.0 GiB (JPEG of quality 95: a level "
            "differs by 1.2 of 255 on average); --cache-dir names another place.");
  EXPECT_THAT(complaint(CacheFormat::raw, gib / 4), HasSubstr("has 256 MiB left. --cache-format "
                                                              "compressed needs about 58.0 GiB, "
                                                              "too: --cache-dir"));
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
