#include "nolabel/pipeline/run_directory.h"

#include <gtest/gtest.h>

namespace nolabel {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace nolabel
