#include "nolabel/base/row_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

class RowFileTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(path.parent_path()); }

  // Rows first … first + n - 1 of a table whose values count up.
  static std::vector<float> rows(int first, int n) {
    std::vector<float> values(static_cast<size_t>(n) * width);
    std::iota(values.begin(), values.end(), static_cast<float>(first) * width);
    return values;
  }
  static constexpr int64_t width = 3;
  const fs::path path =
      fs::path(testing::TempDir()) / format("row_file_test_{}", int64_t{::getpid()}) / "a.rows";
};

TEST_F(RowFileTest, GoesOnInAnotherProcess) {
  {
    RowFile file(path, "key");
    EXPECT_THAT(file.read(width), IsEmpty());
    EXPECT_FALSE(fs::exists(path));
    file.append(rows(0, 2).data(), 2, width);
    file.append(rows(2, 1).data(), 1, width);
  }
  RowFile file(path, "key");
  EXPECT_EQ(file.read(width), rows(0, 3));
  file.append(rows(3, 4).data(), 4, width);
  EXPECT_EQ(RowFile(path, "key").read(width), rows(0, 7));
  file.remove();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(RowFileTest, OfAnotherKeyOrWidthBeginsAnew) {
  RowFile file(path, "key");
  file.read(width);
  file.append(rows(0, 2).data(), 2, width);
  EXPECT_THAT(RowFile(path, "key").read(width + 1), IsEmpty());
  RowFile other(path, "other");
  EXPECT_THAT(other.read(width), IsEmpty());
  other.append(rows(5, 1).data(), 1, width);
  EXPECT_EQ(RowFile(path, "other").read(width), rows(5, 1));
  EXPECT_THAT(RowFile(path, "key").read(width), IsEmpty());
}

// Whatever the length at which a kill or a full disk ended the file, the whole blocks count, and
// what is appended then follows them.
TEST_F(RowFileTest, ADamagedEndIsCutOff) {
  RowFile file(path, "key");
  file.read(width);
  file.append(rows(0, 2).data(), 2, width);
  const size_t one_block = read_file(path).size();
  file.append(rows(2, 2).data(), 2, width);
  const std::string whole = read_file(path);
  for (size_t length = 0; length <= whole.size(); length += length < whole.size() - 5 ? 5 : 1) {
    write_file(path, whole.substr(0, length));
    RowFile cut(path, "key");
    const int there = length == whole.size() ? 4 : length >= one_block ? 2 : 0;
    ASSERT_EQ(cut.read(width), rows(0, there)) << length;
    cut.append(rows(there, 1).data(), 1, width);
    ASSERT_EQ(RowFile(path, "key").read(width), rows(0, there + 1)) << length;
  }
  std::string changed = whole;
  changed[changed.size() - 1] ^= 1;
  write_file(path, changed);
  EXPECT_EQ(RowFile(path, "key").read(width), rows(0, 2));
}

TEST_F(RowFileTest, AFullDiskLeavesTheRowsBefore) {
  RowFile file(path, "key");
  file.read(width);
  file.append(rows(0, 2).data(), 2, width);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = fs::file_size(path) + 20;
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_THROW(file.append(rows(2, 5).data(), 5, width), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(RowFile(path, "key").read(width), rows(0, 2));
  file.append(rows(2, 1).data(), 1, width);
  EXPECT_EQ(RowFile(path, "key").read(width), rows(0, 3));
}

}  // namespace
}  // namespace nolabel
