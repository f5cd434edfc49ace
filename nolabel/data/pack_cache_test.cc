#include "nolabel/data/pack_cache.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <optional>
#include <thread>

#include "nolabel/base/hash.h"
#include "nolabel/base/make_lock.h"
#include "nolabel/base/test_flock.h"
#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using PackCacheTest = PackTest;

// So that a program that writes another format does not find these packs.
TEST_F(PackCacheTest, TheFormatOfTheFileBelongsToTheKey) {
  const Listing nothing;
  EXPECT_EQ(
      PackCache(nothing, options).key(),
      sha256("nolabel pack 3\ndecoder 3, short side 256, enlarge false, reduced true, raw\n"));
}

TEST_F(PackCacheTest, ChangedFilesAndOptionsAreNotTakenFromTheCache) {
  options.memory_bytes = 0;
  load_photos();
  options.pictures.short_side = 2;
  const LoadedImages small = load_photos();
  EXPECT_THAT(log, HasSubstr("nolabel writes them to"));
  EXPECT_EQ(small.dataset.height(0), 2);
  // The same name and size, another time.
  write("photos/0/0.png", picture(99, 3, 6));
  const LoadedImages changed = load_photos();
  const DatasetImage first = changed.dataset.image(0);
  EXPECT_EQ(*first.view().pixel(0, 0), 99);
}

TEST_F(PackCacheTest, WhatAMissingLibrarySkippedIsReadOnceTheLibraryIsThere) {
  options.memory_bytes = 0;
  const LoadedImages before = load_photos();
  const PackCache cache(list_images({root / "photos"}, options, observer), options);
  PackTable table;
  {
    const ImageBlock block = open_pack(cache.file(), cache.key(), table);
    ASSERT_EQ(table.failures.size(), 1u);
    table.failures[0].reason = "HEIC and AVIF need libheif 1";
    uint64_t bytes = 0;
    for (const PackTable::Image& image : table.images) bytes += image.bytes();
    PackWriter writer(cache.file(), cache.key(), PackWriter::Place::own);
    writer.append(block.bytes, bytes);
    writer.finish(table);
  }
  EXPECT_FALSE(cache.has_content_of(table));
  const LoadedImages after = load_photos();
  EXPECT_THAT(log, HasSubstr("is made again: made where HEIC and AVIF could not be read"));
  EXPECT_EQ(after.skipped[0].reason, before.skipped[0].reason);
  load_photos();
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
}

TEST_F(PackCacheTest, ThePackOfFilesThatChangedIsReplacedAndThatOfMovedOnesFound) {
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

TEST_F(PackCacheTest, OtherImagesOfTheSameNamesSizesAndTimesAreNotTaken) {
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

TEST_F(PackCacheTest, OtherImagesInFilesOfOneSizeAreNotTaken) {
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

TEST_F(PackCacheTest, WhatKilledWritersLeftIsRemovedWithTheNextPack) {
  options.memory_bytes = 0;
  write("cache/00000000-0123456789abcdef.pack.4194305.tmp", "half a pack");
  write("cache/00000000-0123456789abcdef.pack.lock", "");
  load_photos();
  EXPECT_EQ(cache_files().size(), 1u);
}

// There nobody knows whether the writer was killed.
TEST_F(PackCacheTest, WithoutLocksWhatMayBeAnothersStays) {
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

TEST_F(PackCacheTest, TwoThatWantTheSamePackMakeItOnce) {
  options.memory_bytes = 0;
  std::mutex mutex;
  std::string told;
  observer.log = [&](Severity, const std::string& text) {
    const std::lock_guard guard(mutex);
    told += text + "\n";
  };
  std::optional<LoadedImages> loaded[2];
  std::thread other([&] { loaded[1] = load({root / "photos"}); });
  loaded[0] = load({root / "photos"});
  other.join();
  expect_equal(*loaded[0], *loaded[1]);
  EXPECT_EQ(cache_files().size(), 1u);
  const size_t made = told.find("nolabel writes them to");
  ASSERT_NE(made, std::string::npos);
  EXPECT_EQ(told.find("nolabel writes them to", made + 1), std::string::npos) << told;
}

TEST_F(PackCacheTest, ACacheDirectoryThatCannotBeMadeIsSaid) {
  options.memory_bytes = 0;
  write("cache", "a file");
  EXPECT_THAT(complaint({root / "photos"}, Fault::system),
              HasSubstr("cache must be a folder that can be written. "));
}

TEST_F(PackCacheTest, WaitsForAnotherThatMakesItUntilStopped) {
  options.memory_bytes = 0;
  load_photos();
  const fs::path pack = cache_file();
  fs::remove(pack);
  const auto held = MakeLock::attempt(pack);
  ASSERT_TRUE(held);
  observer.log = [this](Severity, const std::string& text) {
    log += text;
    if (text.find("another process") != text.npos) observer.cancel.request();
  };
  EXPECT_EQ(complaint({root / "photos"}, Fault::stopped),
            "stopped on request. Run the same command again to continue.");
  EXPECT_THAT(log, HasSubstr("another process is making"));
}

TEST_F(PackCacheTest, ADamagedCacheIsMadeAgain) {
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

// Gives up root's rights while it lives, which would ignore what a folder forbids. `folder` can be
// read all the same.
class OrdinaryUser {
 public:
  explicit OrdinaryUser(const fs::path& folder) {
    if (!root_) return;
    allow_reading(testing::TempDir());
    allow_reading(folder);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) allow_reading(entry);
    EXPECT_EQ(::seteuid(65534), 0);
  }
  ~OrdinaryUser() {
    if (root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  void forbid_reading(const fs::path& file) const {
    if (root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
    fs::permissions(file, fs::perms::none);
    if (root_) {
      EXPECT_EQ(::seteuid(65534), 0);
    }
  }

 private:
  static void allow_reading(const fs::path& path) {
    constexpr auto all = static_cast<fs::perms>(0555);
    fs::permissions(path, all, fs::perm_options::add);
  }

  const bool root_ = ::geteuid() == 0;
};

// As in a folder of all users, where only its owner may remove a file.
TEST_F(PackCacheTest, ADamagedCacheThatCannotBeRemovedIsSaid) {
  options.memory_bytes = 0;
  load_photos();
  const fs::path pack = cache_file();
  write(pack, "damaged");
  const bool root_user = ::geteuid() == 0;
  ASSERT_EQ(::chmod((root / "cache").c_str(), root_user ? 01777 : 0555), 0);
  int times = 0;
  observer.log = [&](Severity, const std::string& text) {
    const bool of_the_folder = text.starts_with("photos: ");
    if (!of_the_folder && ++times > 3) observer.cancel.request();
  };
  {
    const OrdinaryUser user(root);
    EXPECT_THAT(complaint({root / "photos"}, Fault::system),
                HasSubstr("cannot remove " + pack.string() + ": "));
    options.memory_bytes = 1 << 20;  // then it is not needed
    EXPECT_EQ(load_photos().dataset.size(), 31);
  }
  fs::permissions(root / "cache", fs::perms::owner_all);
}

TEST_F(PackCacheTest, APlaceThatCanOnlyBeReadServesWhatIsThere) {
  options.memory_bytes = 0;
  load_photos();
  ASSERT_EQ(::chmod((root / "cache").c_str(), 0555), 0);
  {
    const OrdinaryUser user(root);
    EXPECT_EQ(load_photos().dataset.size(), 31);
  }
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  fs::permissions(root / "cache", fs::perms::owner_all);
}

// Only other content condemns a pack, which can have taken hours.
TEST_F(PackCacheTest, AnUnreadablePictureSaysNothingAgainstTheCache) {
  options.memory_bytes = 0;
  load_photos();
  const std::string whole = read_file(cache_file());
  {
    const OrdinaryUser user(root);
    user.forbid_reading(root / "photos/0/0.png");
    EXPECT_EQ(load_photos().dataset.size(), 31);
  }
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  EXPECT_EQ(read_file(cache_file()), whole);
}

}  // namespace
}  // namespace nolabel
