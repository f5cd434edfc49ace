#include "nolabel/run/run_directory.h"

#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

#include "nolabel/data/own_folder.h"

namespace nolabel {
namespace {

bool readdir_fails = false;

namespace fs = std::filesystem;

void write_file_in_new_folder(const fs::path& path) {
  make_directory(path.parent_path());
  write_file(path, "");
}

TEST(RunDirectoryTest, ANewOneWithoutContentsLeavesNoTrace) {
  const TemporaryDirectory root;
  { const RunDirectory run(root.path() / "results" / "cifar-10"); }
  EXPECT_TRUE(fs::is_empty(root.path()));
}

// A network drive that is gone.
TEST(RunDirectoryTest, OneThatCannotBeReadAnyMoreStaysWithoutAWord) {
  const TemporaryDirectory root;
  {
    const RunDirectory run(root.path() / "run");
    readdir_fails = true;
  }
  readdir_fails = false;
  EXPECT_TRUE(fs::exists(root.path() / "run/.lock"));
}

TEST(RunDirectoryTest, OneWithContentsStays) {
  const TemporaryDirectory root;
  const fs::path path = root.path() / "results" / "cifar-10";
  {
    RunDirectory run(path);
    run.state().effort = "quick";
    run.save();
  }
  EXPECT_EQ(read_run_state(path).effort, "quick");
}

TEST(RunDirectoryTest, AFolderOfTheUserStaysThoughEmpty) {
  const TemporaryDirectory root;
  fs::create_directory(root.path() / "mine");
  { const RunDirectory run(root.path() / "mine"); }
  EXPECT_TRUE(fs::exists(root.path() / "mine"));
  EXPECT_FALSE(is_own_folder(root.path() / "mine"));  // it may hold photos
}

TEST(RunDirectoryTest, OneThatIsMadeOrSavedIsNeverTakenForPhotos) {
  const TemporaryDirectory root;
  fs::create_directory(root.path() / "mine");
  const RunDirectory saved(root.path() / "mine"), made(root.path() / "made");
  saved.save();
  EXPECT_TRUE(is_own_folder(root.path() / "mine"));
  EXPECT_TRUE(is_own_folder(root.path() / "made"));
}

// A run with --cache-dir in another one has its packs there.
TEST(RunDirectoryTest, LeftoversOfARunGoButAPackInMakingStays) {
  const TemporaryDirectory root;
  const fs::path leftover = root.path() / "scan/model.pth.tar.12.tmp",
                 pack = root.path() / "cache/0123-4567.pack.12.tmp";
  write_file_in_new_folder(leftover);
  write_file_in_new_folder(pack);
  // In a folder that is no run they are the user's own.
  { const RunDirectory begun(root.path()); }
  EXPECT_TRUE(fs::exists(leftover));
  mark_own_folder(root.path(), OwnFolder::run);
  const RunDirectory run(root.path());
  EXPECT_FALSE(fs::exists(leftover));
  EXPECT_TRUE(fs::exists(pack));
}

}  // namespace
}  // namespace nolabel

// In place of the system's, also where the standard library reads folders (LibTorch brings another
// one, which calls readdir64). After the first file, as reading the first one is another call
// there.
namespace {

template <class Entry>
Entry* read_entry(const char* function, DIR* directory) {
  static const auto system = reinterpret_cast<Entry* (*)(DIR*)>(::dlsym(RTLD_NEXT, function));
  static bool file_seen = false;
  if (nolabel::readdir_fails && file_seen) {
    errno = EIO;
    return nullptr;
  }
  Entry* const entry = system(directory);
  const std::string_view name = entry == nullptr ? "" : entry->d_name;
  file_seen = !name.empty() && name != "." && name != "..";
  return entry;
}

}  // namespace

extern "C" dirent* readdir(DIR* directory) {
  return read_entry<dirent>("readdir", directory);
}
extern "C" dirent64* readdir64(DIR* directory) {
  return read_entry<dirent64>("readdir64", directory);
}
