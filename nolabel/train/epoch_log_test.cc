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
  loss.cluster_counts = at::tensor(counts, at::kLong).unsqueeze(0);
  return loss;
}

TEST(EpochLog, AveragesTheParts) {
  EpochLog log;
  log.add(values(1, 5));
  log.add(values(3, 6));
  EXPECT_EQ(log.means(), nlohmann::json({{"loss", 2.0}, {"entropy", 5.5}}));
  EXPECT_TRUE(log.finite());
}

// Such a batch has no loss, but all the same it has, say, a share of confident images: 0.
TEST(EpochLog, CountsBatchesThatTrainNothing) {
  EpochLog log;
  for (const bool nothing : {false, true}) {
    LossValues loss = values(nothing ? NAN : 1, nothing ? 0 : 5);
    loss.total = at::zeros({});
    loss.trains_nothing = at::full({}, nothing, at::kBool);
    log.add(loss);
  }
  EXPECT_EQ(log.means(), nlohmann::json({{"loss", 1.0}, {"entropy", 2.5}}));
  EXPECT_EQ(log.batches_without_training(), 1);
  EXPECT_TRUE(log.finite());
}

TEST(EpochLog, CountsTheClustersThatWereUsed) {
  EpochLog log;
  log.add(with_counts({3, 0, 0, 1}));
  log.add(with_counts({3, 1, 0, 0}));
  EXPECT_EQ(log.unused_clusters(), std::vector<int64_t>{1});
  EXPECT_EQ(log.means()["clusters_used"], 3);
}

TEST(EpochLog, SeesEveryHead) {
  EpochLog log;
  const at::Tensor logits =  // [B,H,C]
      at::tensor({1.0f, 0.0f, 0.0f, 0.0f, 2.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f, 3.0f, 0.0f})
          .view({2, 2, 3});
  LossValues loss = values(1, 1);
  loss.cluster_counts = count_clusters(logits);
  log.add(loss);
  EXPECT_EQ(log.unused_clusters(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(log.means()["clusters_used"], 1);
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
    EXPECT_TRUE(empty->unused_clusters().empty());
  }
}

TEST(EpochLog, ContinuesWithinAnEpoch) {
  EpochLog whole, second;
  LossValues skipped = with_counts({0, 1, 0});
  skipped.parts[0].second = at::full({}, NAN);
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
