#include "nolabel/base/keyed_rows.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/peak_memory_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class KeyedRowsTest : public testing::Test {
 protected:
  static RowKey key(int number) { return row_key(format("row {}", number)); }
  // Rows `from` to `to`: (n, n + 0.5, -n).
  static void add(KeyedRows& rows, int from, int to) {
    std::vector<RowKey> keys;
    std::vector<float> values;
    for (int n = from; n < to; ++n) {
      keys.push_back(key(n));
      for (const double value : {n + 0.0, n + 0.5, -1.0 * n}) {
        values.push_back(static_cast<float>(value));
      }
    }
    rows.append(keys, values.data());
  }
  static void expect_rows(const KeyedRows& rows, int from, int to) {
    for (int n = from; n < to; ++n) {
      const float* row = rows.find(key(n));
      ASSERT_TRUE(row) << n;
      EXPECT_EQ(row[0], n);
      EXPECT_EQ(row[1], n + 0.5f);
      EXPECT_EQ(row[2], -n);
    }
  }

  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "deep/rows";
};

TEST_F(KeyedRowsTest, AreFoundAgain) {
  {
    KeyedRows rows(path, "a network", 3);
    EXPECT_EQ(rows.size(), 0);
    EXPECT_FALSE(fs::exists(path));
    add(rows, 0, 10);
    expect_rows(rows, 0, 10);
    add(rows, 5, 20);  // some are there already
    EXPECT_EQ(rows.size(), 20);
  }
  const KeyedRows again(path, "a network", 3);
  EXPECT_EQ(again.size(), 20);
  expect_rows(again, 0, 20);
  EXPECT_EQ(again.find(key(20)), nullptr);
}

TEST_F(KeyedRowsTest, OfAnotherNetworkOrWidthAreNone) {
  {
    KeyedRows rows(path, "a network", 3);
    add(rows, 0, 10);
  }
  EXPECT_EQ(KeyedRows(path, "another", 3).size(), 0);
  EXPECT_EQ(KeyedRows(path, "a network", 4).size(), 0);
  EXPECT_EQ(KeyedRows(path, "a network", 3).size(), 10);
  KeyedRows other(path, "another", 3);
  add(other, 3, 5);
  EXPECT_EQ(other.size(), 2);
  EXPECT_EQ(KeyedRows(path, "another", 3).size(), 2);
  EXPECT_EQ(KeyedRows(path, "a network", 3).size(), 0);
}

TEST_F(KeyedRowsTest, SurviveAnyCutAndAnyDamage) {
  {
    KeyedRows rows(path, "a network", 3);
    add(rows, 0, 4);
    add(rows, 4, 8);
  }
  const std::string whole = read_file(path);
  const size_t first_block = 56 + 16 + 4 * 28;
  for (size_t length = 0; length < whole.size(); ++length) {
    write_file(path, whole.substr(0, length));
    KeyedRows rows(path, "a network", 3);
    EXPECT_EQ(rows.size(), length < first_block ? 0 : 4) << length;
    add(rows, 0, 8);
    EXPECT_EQ(rows.size(), 8) << length;
    expect_rows(KeyedRows(path, "a network", 3), 0, 8);
  }
  for (size_t place = 0; place < whole.size(); ++place) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x40);
    write_file(path, damaged);
    KeyedRows rows(path, "a network", 3);
    EXPECT_LE(rows.size(), 4) << place;
    add(rows, 0, 8);
    expect_rows(rows, 0, 8);
  }
}

TEST_F(KeyedRowsTest, OfTwoProcessesAreFoundByBoth) {
  KeyedRows mine(path, "a network", 3);
  const pid_t other = ::fork();
  if (other == 0) {
    KeyedRows theirs(path, "a network", 3);
    for (int n = 0; n < 200; ++n) add(theirs, 1000 + n, 1001 + n);
    ::_exit(theirs.size() >= 200 ? 0 : 1);
  }
  for (int n = 0; n < 200; ++n) add(mine, n, n + 1);
  int status = 0;
  ::waitpid(other, &status, 0);
  EXPECT_EQ(status, 0);
  const KeyedRows all(path, "a network", 3);
  EXPECT_EQ(all.size(), 400);
  expect_rows(all, 0, 200);
  expect_rows(all, 1000, 1200);
}

// Another process removes the file and makes a longer one while this one has it open.
TEST_F(KeyedRowsTest, OfAFileThatWasMadeAnewAreTheNewOnes) {
  KeyedRows mine(path, "a network", 3);
  add(mine, 0, 10);
  fs::remove(path);
  {
    KeyedRows theirs(path, "a network", 3);
    add(theirs, 500, 600);
    add(theirs, 600, 610);
  }
  add(mine, 10, 20);
  EXPECT_EQ(mine.size(), 120);
  EXPECT_EQ(mine.find(key(0)), nullptr);
  expect_rows(mine, 10, 20);
  expect_rows(mine, 500, 610);
  expect_rows(KeyedRows(path, "a network", 3), 500, 610);
  EXPECT_EQ(KeyedRows::width_of(path), 3);
  write_file(path, "something else");
  EXPECT_EQ(KeyedRows::width_of(path), std::nullopt);
}

TEST_F(KeyedRowsTest, AFullDiskLeavesWhatWasThere) {
  KeyedRows rows(path, "a network", 3);
  add(rows, 0, 4);
  const pid_t child = ::fork();
  if (child == 0) {  // no file may grow
    const rlimit none{300, 300};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::signal(SIGXFSZ, SIG_IGN);
    KeyedRows mine(path, "a network", 3);
    try {
      add(mine, 4, 1000);
    } catch (const Error& error) {
      ::_exit(error.fault() == Fault::system ? 0 : 2);
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(KeyedRows(path, "a network", 3).size(), 4);
}

// Opening the file checks all of it, and a run that finds its rows reads all of them.
TEST_F(KeyedRowsTest, DoNotFillTheMemory) {
  constexpr int64_t width = 1 << 18, rows = 30, appends = 15;  // 450 MB
  const std::vector<float> values(rows * width, 0.5f);
  {
    KeyedRows large(path, "network", width);
    for (int i = 0; i < appends; ++i) {
      std::vector<RowKey> keys;
      for (int row = 0; row < rows; ++row) keys.push_back(key(i * rows + row));
      large.append(keys, values.data());
    }
  }
  const double before = peak_mb(true);
  const KeyedRows large(path, "network", width);
  for (int row = 0; row < rows * appends; ++row) {
    const float* found = large.find(key(row));
    ASSERT_TRUE(found);
    EXPECT_EQ(std::accumulate(found, found + width, 0.0f), width / 2);
  }
  EXPECT_LT(peak_mb(false) - before, 400);
}

}  // namespace
}  // namespace nolabel
