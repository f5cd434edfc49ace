#include "cli/frame/columns.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace nolabel::cli {
namespace {

TEST(ColumnsOf, CountsWhatIsSeen) {
  EXPECT_EQ(columns_of(""), 0u);
  EXPECT_EQ(columns_of("scan"), 4u);
  EXPECT_EQ(columns_of("été"), 3u);
  EXPECT_EQ(columns_of("写真"), 4u);
  EXPECT_EQ(columns_of("🐸"), 2u);
  EXPECT_EQ(columns_of("e\u0301"), 1u);  // an accent that is a character of its own
  EXPECT_EQ(columns_of("\xe9\xff"), 2u);
}

TEST(Shortened, LosesItsMiddle) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghij", 9), "abcd…ghij");
  EXPECT_EQ(shortened("abcdefghij", 4), "ab…j");
  EXPECT_EQ(shortened("abcdefghij", 1), "…");
  EXPECT_EQ(shortened("abcdefghij", 0), "");
}

TEST(Shortened, NeverHalvesACharacter) {
  EXPECT_EQ(shortened("写真写真", 7), "写…真");
  for (size_t columns = 0; columns < 12; ++columns) {
    EXPECT_LE(columns_of(shortened("写é真\xe9🐸写真", columns)), columns);
  }
}

TEST(Padded, FillsAndCutsToTheWidth) {
  EXPECT_EQ(padded("cat", 5), "cat  ");
  EXPECT_EQ(padded("Käfer", 6), "Käfer ");
  EXPECT_EQ(columns_of(padded("写真写真写真", 8)), 8u);
}

TEST(TerminalColumns, AreTheTerminalsElseTheEnvironmentsElse80) {
  const int pseudo = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(pseudo, 0);
  winsize size{.ws_row = 24, .ws_col = 43, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::ioctl(pseudo, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(terminal_columns(pseudo), 43u);
  ::close(pseudo);
  const int file = ::open("/dev/null", O_RDONLY);
  ::setenv("COLUMNS", "57", 1);
  EXPECT_EQ(terminal_columns(file), 57u);
  for (const char* nonsense : {"", "0", "-3", "wide", "57x"}) {
    ::setenv("COLUMNS", nonsense, 1);
    EXPECT_EQ(terminal_columns(file), 80u) << nonsense;
  }
  ::unsetenv("COLUMNS");
  EXPECT_EQ(terminal_columns(file), 80u);
  ::close(file);
}

}  // namespace
}  // namespace nolabel::cli
