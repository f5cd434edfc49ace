#include "nolabel/pipeline/drift.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::HasSubstr;

// `count` rows around each of three directions.
at::Tensor groups(int count, int64_t width, uint64_t seed) {
  at::manual_seed(seed);
  at::Tensor rows = at::randn({3 * count, width}) * 0.2;
  for (int64_t i = 0; i < 3; ++i) {
    rows.slice(0, i * count, (i + 1) * count).select(1, i).add_(3);
  }
  return rows;
}

std::vector<ImageStatus> all_ok(int64_t rows) {
  return std::vector(static_cast<size_t>(rows), ImageStatus::ok);
}

Drift drift_between(const at::Tensor& known, const at::Tensor& fresh) {
  return drift_of(known, all_ok(known.size(0)), fresh, all_ok(fresh.size(0)), Environment());
}

TEST(Drift, ImagesOfTheSameKindsAreNotFar) {
  const Drift drift = drift_between(groups(200, 16, 1), groups(100, 16, 2));
  EXPECT_EQ(drift.images, 300);
  EXPECT_EQ(drift.distances.size(), 300u);
  EXPECT_LT(drift.far, 0.12);
  EXPECT_NEAR(drift.distance, drift.distance_known, 0.5 * drift.distance_known);
  EXPECT_EQ(drift_warning(drift, "Do it"), "");
}

TEST(Drift, ImagesOfAnotherKindAreFar) {
  at::Tensor strangers = at::randn({40, 16}) * 0.2;
  strangers.select(1, 9).add_(3);
  const Drift drift = drift_between(groups(200, 16, 1), strangers);
  EXPECT_GT(drift.far, 0.9);
  EXPECT_GT(drift.distance, 2 * drift.distance_known);
  EXPECT_THAT(drift_warning(drift, "Do it"),
              HasSubstr("unlike any known image (5 % are usual), so the "
                        "clusters may not fit them. Do it"));
}

TEST(Drift, AFewImagesGiveNoAdvice) {
  const Drift drift = drift_between(groups(200, 16, 1), at::randn({9, 16}) * 5);
  EXPECT_EQ(drift_warning(drift, "Do it"), "");
}

TEST(Drift, ManyUnsureImagesGiveAdvice) {
  const at::Tensor known = groups(200, 16, 1), fresh = groups(10, 16, 2);
  std::vector<ImageStatus> statuses = all_ok(30);
  for (int i = 0; i < 9; ++i) statuses[i] = ImageStatus::unsure;
  const Drift drift = drift_of(known, all_ok(600), fresh, statuses, Environment());
  EXPECT_DOUBLE_EQ(drift.unsure, 0.3);
  EXPECT_THAT(drift_warning(drift, "Do it"), HasSubstr("30 % of the new images are unsure"));
}

TEST(Drift, NothingIsSaidWithoutNewImages) {
  const Drift drift = drift_between(groups(10, 16, 1), at::empty({0, 16}));
  EXPECT_EQ(drift.images, 0);
  EXPECT_EQ(drift_warning(drift, "Do it"), "");
}

TEST(Drift, SaysWhenNothingKnownIsLeft) {
  const Drift drift = drift_between(at::randn({1, 16}), at::randn({12, 16}));
  EXPECT_EQ(drift.images, 12);
  EXPECT_THAT(drift_warning(drift, "Do it"), HasSubstr("no known image is left"));
}

}  // namespace
}  // namespace nolabel
