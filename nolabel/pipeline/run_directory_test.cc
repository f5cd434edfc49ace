#include "nolabel/pipeline/run_directory.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

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
