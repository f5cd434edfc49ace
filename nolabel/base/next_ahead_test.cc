#include "nolabel/base/next_ahead.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace nolabel {
namespace {

// Which numbers have been made, for threads that wait for one of them.
class Made {
 public:
  int make(int key) {
    if (key == refused) fail_data("number {} cannot be made.", key);
    {
      const std::lock_guard lock(mutex_);
      made_.insert(key);
    }
    changed_.notify_all();
    return key * key;
  }
  // False when nobody makes it within ten seconds.
  bool wait_for(int key) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return made_.contains(key); });
  }
  size_t times() {
    const std::lock_guard lock(mutex_);
    return made_.size();
  }

  int refused = -1;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<int> made_;
};

// The caller's work on each number does not end before the next number is made: it would never end
// if the next one were made after it.
TEST(NextAhead, MakesTheNextWhileTheCallerWorks) {
  Made made;
  NextAhead<int, int> numbers([&](int key) { return made.make(key); }, true);
  constexpr int last = 5;
  for (int key = 0; key <= last; ++key) {
    EXPECT_EQ(numbers.take(key, key < last ? std::optional(key + 1) : std::nullopt), key * key);
    if (key < last) {
      ASSERT_TRUE(made.wait_for(key + 1));
    }
  }
  EXPECT_EQ(made.times(), 6u);
}

TEST(NextAhead, MakesNothingAheadWhereItIsToldSo) {
  Made made;
  NextAhead<int, int> numbers([&](int key) { return made.make(key); }, false);
  EXPECT_EQ(numbers.take(3, 4), 9);
  EXPECT_EQ(made.times(), 1u);
}

TEST(NextAhead, ThrowsAwayWhatIsNotAskedFor) {
  Made made;
  NextAhead<int, int> numbers([&](int key) { return made.make(key); }, true);
  numbers.take(1, 2);
  EXPECT_EQ(numbers.take(7, 8), 49);
  EXPECT_EQ(numbers.take(8, std::nullopt), 64);
  EXPECT_EQ(numbers.take(9, std::nullopt), 81);
}

TEST(NextAhead, AnErrorArrivesWithItsOwnKey) {
  Made made;
  made.refused = 2;
  NextAhead<int, int> numbers([&](int key) { return made.make(key); }, true);
  EXPECT_EQ(numbers.take(1, 2), 1);
  EXPECT_THROW(numbers.take(2, 3), Error);
  EXPECT_EQ(numbers.take(3, std::nullopt), 9);
}

TEST(NextAhead, CountsTheTimeThatTheCallerWaits) {
  Made made;
  const auto slow = [&](int key) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return made.make(key);
  };
  NextAhead<int, int> plain(slow, false), ahead(slow, true);
  plain.take(1, 2);
  plain.take(2, 3);
  EXPECT_GE(plain.seconds_waited(), 0.2);
  ahead.take(3, 4);
  const double first = ahead.seconds_waited();
  EXPECT_GE(first, 0.1);
  ASSERT_TRUE(made.wait_for(4));
  ahead.take(4, std::nullopt);
  EXPECT_LT(ahead.seconds_waited(), first + 0.1);
}

}  // namespace
}  // namespace nolabel
