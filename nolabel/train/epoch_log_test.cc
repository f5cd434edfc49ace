#include "nolabel/train/epoch_log.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

LossValues values(double loss, double entropy) {
  return {.total = at::full({}, 2 * loss),
          .parts = {{"loss", at::full({}, loss)}, {"entropy", at::full({}, entropy)}},
          .trains_nothing = {},
          .cluster_counts = {}};
}

LossValues with_counts(const std::vector<int64_t>& counts) {
  LossValues loss = values(1, 1);
  loss.cluster_counts = at::tensor(counts, at::kLong);
  return loss;
}

TEST(EpochLog, AveragesTheParts) {
  EpochLog log;
  log.add(values(1, 5));
  log.add(values(3, 6));
  EXPECT_EQ(log.means(), nlohmann::json({{"loss", 2.0}, {"entropy", 5.5}}));
  EXPECT_TRUE(log.finite());
}

TEST(EpochLog, LeavesOutBatchesThatTrainNothing) {
  EpochLog log;
  for (const bool nothing : {false, true}) {
    LossValues loss = values(1, nothing ? NAN : 5);
    loss.trains_nothing = at::full({}, nothing, at::kBool);
    log.add(loss);
  }
  EXPECT_EQ(log.means(), nlohmann::json({{"loss", 1.0}, {"entropy", 5.0}}));
  EXPECT_EQ(log.batches_without_training(), 1);
}

TEST(EpochLog, CountsTheClustersThatWereUsed) {
  EpochLog log;
  log.add(with_counts({3, 0, 0, 1}));
  log.add(with_counts({3, 1, 0, 0}));
  EXPECT_EQ(log.unused_clusters(), 1);
  EXPECT_EQ(log.means()["clusters_used"], 3);
}

TEST(EpochLog, SeesALossThatIsNotFinite) {
  for (const double bad : {NAN, INFINITY}) {
    EpochLog log;
    log.add(values(1, 1));
    EXPECT_TRUE(log.finite());
    log.add(values(bad, 1));
    log.add(values(1, 1));
    EXPECT_FALSE(log.finite());
  }
}

TEST(EpochLog, OfNothingHasNothing) {
  EpochLog log, restored;
  restored.add(values(1, 1));
  restored.load_state(log.state());
  for (const EpochLog* empty : {&log, &restored}) {
    EXPECT_TRUE(empty->means().empty());
    EXPECT_TRUE(empty->finite());
    EXPECT_EQ(empty->batches_without_training(), 0);
    EXPECT_EQ(empty->unused_clusters(), 0);
  }
}

TEST(EpochLog, ContinuesWithinAnEpoch) {
  EpochLog whole, second;
  LossValues skipped = with_counts({0, 1, 0});
  skipped.trains_nothing = at::ones({}, at::kBool);
  whole.add(with_counts({4, 0, 0}));
  whole.add(skipped);
  second.load_state(whole.state());
  for (EpochLog* log : {&whole, &second}) log->add(values(9, 2));
  EXPECT_EQ(second.means(), whole.means());
  EXPECT_EQ(second.means()["loss"], 5);
  EXPECT_EQ(second.means()["clusters_used"], 2);
  EXPECT_EQ(second.batches_without_training(), 1);
  EXPECT_TRUE(second.finite());
  EXPECT_THROW(second.load_state(Value::dict({})), Error);
}

}  // namespace
}  // namespace nolabel
