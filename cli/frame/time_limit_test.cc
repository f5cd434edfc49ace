#include "cli/frame/time_limit.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

TEST(ParseDuration, ReadsHoursMinutesSeconds) {
  const auto seconds = [](const char* text) { return parse_duration(text).count(); };
  EXPECT_EQ(seconds("90m"), 5400);
  EXPECT_EQ(seconds("2h"), 7200);
  EXPECT_EQ(seconds("3600"), 3600);
  EXPECT_EQ(seconds("45s"), 45);
  EXPECT_EQ(seconds("1h30m"), 5400);
}

TEST(ParseDuration, RefusesAnythingElse) {
  for (const char* text : {"", "0", "-5", "h", "5 m", "5d", "1h30", "1.5h", "99999999999999h"}) {
    EXPECT_THROW(parse_duration(text), Error) << text;
  }
}

TEST(TimeLimit, UsesTheTokenOnlyWhenTheTimeIsOver) {
  const CancelToken late, soon;
  { const TimeLimit limit(std::chrono::hours(1), late); }
  EXPECT_FALSE(late.requested());
  const TimeLimit limit(std::chrono::milliseconds(1), soon);
  while (!soon.requested()) std::this_thread::yield();
}

}  // namespace
}  // namespace nolabel::cli
