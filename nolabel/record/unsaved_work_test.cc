#include "nolabel/record/unsaved_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Ten pieces of work; `meanwhile` happens after the piece of that number.
void pieces(const Observer& observer, milliseconds each, int when,
            const std::function<void()>& meanwhile) {
  for (int i = 0; i < 10; ++i) {
    observer.stop_if_requested();
    std::this_thread::sleep_for(each);
    if (i == when) meanwhile();
    observer.progress({.stage = "work", .step = "", .done = i + 1, .total = 10, .unit = "pieces"});
  }
}

Fault fault_of(const Observer& observer, const std::function<void(const Observer&)>& work,
               std::string* message = nullptr) {
  try {
    run_unsaved("the work", Ended::lost, observer, work);
  } catch (const Error& error) {
    if (message) *message = error.what();
    return error.fault();
  }
  return Fault::internal;  // it ended
}

TEST(RunUnsaved, RefusesALimitThatIsAlwaysTooShort) {
  const Observer observer;
  std::string message;
  const Fault fault = fault_of(
      observer,
      [&](const Observer& inner) {
        pieces(inner, milliseconds(20), 4, [&] { observer.cancel.time_out(milliseconds(1000)); });
      },
      &message);
  EXPECT_EQ(fault, Fault::usage);
  EXPECT_THAT(message, HasSubstr("the time limit must be at least"));
  EXPECT_THAT(message, HasSubstr("because the work takes about"));
}

TEST(RunUnsaved, StopsWhereTheNextProcessHasTimeEnough) {
  const Observer observer;
  EXPECT_EQ(fault_of(observer,
                     [&](const Observer& inner) {
                       pieces(inner, milliseconds(5), 4,
                              [&] { observer.cancel.time_out(milliseconds(3600'000)); });
                     }),
            Fault::stopped);
}

TEST(RunUnsaved, StopsForSomebodyWhoAsks) {
  const Observer observer;
  EXPECT_EQ(fault_of(observer,
                     [&](const Observer& inner) {
                       pieces(inner, milliseconds(5), 4, [&] { observer.cancel.request(); });
                     }),
            Fault::stopped);
}

// The limit has passed before: short work is done all the same, and long work is measured first.
TEST(RunUnsaved, WorksForAWhileAfterTheLimit) {
  const Observer observer;
  observer.cancel.time_out(milliseconds(1000));
  bool ended = false;
  run_unsaved("the work", Ended::lost, observer, [&](const Observer& inner) {
    pieces(inner, milliseconds(1), -1, [] {});
    ended = true;
  });
  EXPECT_TRUE(ended);
  EXPECT_EQ(fault_of(observer,
                     [](const Observer& inner) { pieces(inner, milliseconds(400), -1, [] {}); }),
            Fault::usage);
}

}  // namespace
}  // namespace nolabel
