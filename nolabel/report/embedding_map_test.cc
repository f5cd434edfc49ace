#include "nolabel/report/embedding_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

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

Matrix<float> noise(int64_t n, int64_t dimensions, uint64_t seed) {
  Random random(seed, Purpose::sample);
  Matrix<float> x(n, dimensions);
  for (float& value : x.values) value = static_cast<float>(random.normal());
  return x;
}

struct Shape {
  std::string name;
  Matrix<float> features;
};

std::vector<Shape> shapes(int64_t n, uint64_t seed) {
  std::vector<Shape> all = {
      {"one group", noise(n, 32, seed)},       {"two groups", noise(n, 32, seed)},
      {"copies", noise(n, 32, seed)},          {"constant", Matrix<float>(n, 32)},
      {"one direction", Matrix<float>(n, 32)}, {"a dominating direction", noise(n, 32, seed)},
      {"a far image", noise(n, 32, seed)}};
  Random random(seed, Purpose::sample, /*a=*/1);
  for (int64_t i = 0; i < n; ++i) {
    const auto along = static_cast<float>(random.normal());
    for (int64_t d = 0; d < 32; ++d) {
      if (i % 2 == 0) all[1].features.at(i, d) += 3;
      if (i >= n / 2 && n > 3) all[2].features.at(i, d) = all[2].features.at(i - n / 2, d);
      all[3].features.at(i, d) = .1f;
    }
    all[4].features.at(i, 0) = along;
    all[5].features.at(i, 0) += 1000 * along;
  }
  for (int64_t d = 0; d < 32; ++d) all[6].features.at(0, d) = 50;
  return all;
}

// How much of the map's side the middle four fifths of the images take: a line or a point takes 0.
float middle_extent(std::vector<float> axis) {
  std::ranges::sort(axis);
  return axis[axis.size() * 9 / 10] - axis[axis.size() / 10];
}

TEST(EmbeddingMap, IsWideBothWaysForAnySizeAndShape) {
  for (const int64_t n : {2, 3, 5, 7, 8, 9, 12, 20, 50, 120, 400}) {
    for (const uint64_t seed : {1, 2, 3}) {
      if (n > 100 && seed > 1) continue;
      for (const auto& [name, features] : shapes(n, seed)) {
        std::vector<float> x, y;
        for (const MapPoint& p : embedding_map(features, n, seed, 1)) {
          x.push_back(p.x);
          y.push_back(p.y);
        }
        EXPECT_GT(middle_extent(x), .2f) << name << ", " << n << " images, seed " << seed;
        EXPECT_GT(middle_extent(y), .2f) << name << ", " << n << " images, seed " << seed;
      }
    }
  }
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
