#include "nolabel/pipeline/run_estimate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RunEstimateTest : public testing::Test {
 protected:
  RunEstimateTest() {
    Observer observer;
    observer.log = [this](Severity, const std::string& text) { notes.push_back(text); };
    estimate.emplace(
        "quick",
        [this](const ImagesAhead& images) {
          ++measured;
          if (images.train < 10) return std::vector<EffortEstimate>();
          return std::vector<EffortEstimate>{{"quick", images.seconds + 300}, {"full", 7200}};
        },
        [this] { return now; }, observer);
    watch = estimate->watch();
  }
  // What was noted since the last call.
  std::vector<std::string> noted() { return std::exchange(notes, {}); }

  const ImagesAhead ahead{
      .sample = make_dataset({}, {}), .root = {}, .train = 1000, .seconds = 280};
  double now = 20;
  int measured = 0;
  std::vector<std::string> notes;
  std::optional<RunEstimate> estimate;
  LoadingWatch watch;
};

TEST_F(RunEstimateTest, CountsWhatHasPassed) {
  watch.sampled(ahead);
  EXPECT_THAT(noted(), ElementsAre("estimate on this machine: quick 10 min, full 2 h 0 min"));
  now = 320;
  estimate->loaded(ahead);
  EXPECT_THAT(noted(), IsEmpty());
  EXPECT_EQ(measured, 1);
}

TEST_F(RunEstimateTest, IsCorrectedWhereReadingTakesAnotherTime) {
  watch.sampled(ahead);
  noted();
  now = 120;
  watch.proceeded(180);  // as the note says
  watch.proceeded(290);  // 110 s more
  EXPECT_THAT(noted(), IsEmpty());
  watch.proceeded(480);  // half as fast
  EXPECT_THAT(noted(), ElementsAre("estimate now: quick 15 min"));
  watch.proceeded(480);
  EXPECT_THAT(noted(), IsEmpty());
  now = 300;
  estimate->loaded(ahead);
  EXPECT_THAT(noted(), ElementsAre("estimate now: quick 10 min"));
}

TEST_F(RunEstimateTest, IsNotCorrectedAtOnceOrByLittle) {
  watch.proceeded(1000);
  EXPECT_THAT(noted(), IsEmpty());  // the estimate has said nothing that could be wrong
  watch.sampled(ahead);
  noted();
  now = 22;
  watch.proceeded(1000);
  EXPECT_THAT(noted(), IsEmpty());
}

TEST_F(RunEstimateTest, ComesWhenAllIsLoadedWhereNothingHadToBeRead) {
  estimate->loaded({.sample = make_dataset({}, {}), .root = {}, .train = 1000});
  EXPECT_THAT(noted(), ElementsAre("estimate on this machine: quick 5 min, full 2 h 0 min"));
}

TEST_F(RunEstimateTest, SaysNothingOfWhatCannotBe) {
  watch.sampled({.sample = make_dataset({}, {}), .root = {}, .train = 5, .seconds = 280});
  watch.proceeded(1000);
  EXPECT_THAT(noted(), IsEmpty());
}

}  // namespace
}  // namespace nolabel
