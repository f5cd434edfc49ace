#include "nolabel/base/ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace nolabel {
namespace {

TEST(Ahead, MakesOneThingAfterAnotherOnOneThread) {
  Ahead<std::thread::id> ahead;
  EXPECT_FALSE(ahead.begun());
  ahead.begin([] { return std::this_thread::get_id(); });
  EXPECT_TRUE(ahead.begun());
  const std::thread::id first = ahead.take();
  EXPECT_FALSE(ahead.begun());
  ahead.begin([] { return std::this_thread::get_id(); });
  EXPECT_EQ(ahead.take(), first);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(Ahead, GivesTheErrorToWhoeverAsks) {
  Ahead<int> ahead;
  ahead.begin([]() -> int { fail_data("damaged"); });
  EXPECT_THROW(ahead.take(), Error);
  ahead.begin([] { return 7; });
  EXPECT_EQ(ahead.take(), 7);
}

TEST(Ahead, MayBeForgotten) {
  std::atomic<int> made = 0;
  {
    Ahead<int> ahead;
    ahead.begin([&]() -> int { fail_data("nobody hears of this {}", ++made); });
    ahead.drop();
    EXPECT_EQ(made, 1);
    EXPECT_FALSE(ahead.begun());
    ahead.drop();
    ahead.begin([&] { return ++made; });
    EXPECT_EQ(ahead.take(), 2);
    ahead.begin([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return ++made;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it has begun
  }
  EXPECT_EQ(made, 3);
}

}  // namespace
}  // namespace nolabel
