#include "nolabel/pipeline/run_directory.h"

#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>

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
    run.describe({{"clusters", 10}});
    run.save_description();
  }
  EXPECT_EQ(read_run_description(path)["clusters"], 10);
}

TEST(RunDirectoryTest, AFolderOfTheUserStaysThoughEmpty) {
  const TemporaryDirectory root;
  fs::create_directory(root.path() / "mine");
  { const RunDirectory run(root.path() / "mine"); }
  EXPECT_TRUE(fs::exists(root.path() / "mine"));
}

// A run with --cache-dir in another one has its packs there.
TEST(RunDirectoryTest, LeftoversGoButAPackInMakingStays) {
  const TemporaryDirectory root;
  const fs::path leftover = root.path() / "scan/model.pth.tar.12.tmp",
                 pack = root.path() / "cache/0123-4567.pack.12.tmp";
  write_file_in_new_folder(leftover);
  write_file_in_new_folder(pack);
  const RunDirectory run(root.path());
  EXPECT_FALSE(fs::exists(leftover));
  EXPECT_TRUE(fs::exists(pack));
}

}  // namespace
}  // namespace nolabel

// In place of the system's, also where the standard library reads folders.
extern "C" dirent* readdir(DIR* directory) {
  using Function = dirent* (*)(DIR*);
  static const auto system = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "readdir"));
  if (!nolabel::readdir_fails) return system(directory);
  errno = EIO;
  return nullptr;
}
