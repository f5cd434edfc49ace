#include "nolabel/report/embedding_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "nolabel/base/random.h"
#include "nolabel/report/pca.h"

namespace nolabel {
namespace {

// Three tight groups in 16 dimensions; image i belongs to group i % 3.
Matrix<float> three_groups(int64_t n) {
  Random random(3, Purpose::sample);
  Matrix<float> x(n, 16);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t d = 0; d < 16; ++d) {
      x.at(i, d) = static_cast<float>(random.normal()) * .3f + (d % 3 == i % 3 ? 3.f : 0.f);
    }
  }
  return x;
}

TEST(PcaPlane, FindsTheAxesOfAnEllipse) {
  Matrix<float> x(200, 3);
  for (int i = 0; i < 200; ++i) {
    const float t = static_cast<float>(i) * .0314159f;
    x.at(i, 0) = 5 + std::cos(t);  // small axis
    x.at(i, 2) = 4 * std::sin(t);  // large axis
  }
  const Plane plane = pca_plane(x, 1);
  for (int i = 0; i < 200; ++i) {
    EXPECT_NEAR(std::abs(plane.x[i]), std::abs(x.at(i, 2)), 1e-2);
    EXPECT_NEAR(std::abs(plane.y[i]), std::abs(x.at(i, 0) - 5), 1e-2);
  }
}

TEST(EmbeddingMap, KeepsGroupsTogether) {
  const auto points = embedding_map(three_groups(150), 1000, 1, 2);
  ASSERT_EQ(points.size(), 150u);
  int same_group = 0;
  for (const auto& p : points) {
    EXPECT_TRUE(p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1);
    const MapPoint* nearest = nullptr;
    float least = 10;
    for (const auto& q : points) {
      const float distance = std::hypot(p.x - q.x, p.y - q.y);
      if (q.image != p.image && distance < least) {
        least = distance;
        nearest = &q;
      }
    }
    same_group += nearest->image % 3 == p.image % 3;
  }
  EXPECT_GE(same_group, 148);
}

TEST(EmbeddingMap, DependsOnTheSeedButNotOnThreads) {
  const auto features = three_groups(60);
  const auto one = embedding_map(features, 40, 1, 1), two = embedding_map(features, 40, 1, 2);
  std::set<int64_t> images;
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].x, two[i].x);
    EXPECT_EQ(one[i].y, two[i].y);
    images.insert(one[i].image);
  }
  EXPECT_EQ(images.size(), 40u);
  const auto other = embedding_map(features, 40, 2, 1);
  EXPECT_FALSE(std::equal(one.begin(), one.end(), other.begin(),
                          [](auto a, auto b) { return a.image == b.image; }));
}

TEST(EmbeddingMap, SurvivesFewAndIdenticalImages) {
  EXPECT_TRUE(embedding_map(Matrix<float>(0, 4), 10, 1, 1).empty());
  for (int64_t n : {1, 2, 7, 8, 20}) {
    for (const auto& p : embedding_map(Matrix<float>(n, 4), 100, 1, 1)) {
      EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y)) << n << " images";
    }
  }
}

}  // namespace
}  // namespace nolabel
