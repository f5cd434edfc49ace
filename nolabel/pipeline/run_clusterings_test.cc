#include "nolabel/pipeline/run_clusterings.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// `images` rows around the center of a group, far from the origin.
at::Tensor group(int number, int64_t images, uint32_t draw) {
  at::Tensor rows = at::empty({images, 6}, at::kFloat);
  Random random(4, Purpose::sample, draw);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t d = 0; d < 6; ++d) {
      rows[i][d] = 50 + 0.3 * random.normal() + (d == number ? 6 : 0);
    }
  }
  return rows;
}

std::vector<int> clusters_of(const Clustering& clustering) {
  std::vector<int> clusters;
  for (int64_t i = 0; i < clustering.probabilities.rows; ++i) {
    const float* row = clustering.probabilities.row(i);
    clusters.push_back(
        static_cast<int>(std::max_element(row, row + clustering.probabilities.columns) - row));
  }
  return clusters;
}

// Like the models beside it, the baseline must not learn from the validation images: they are of
// one group here, which k-means on them alone would divide into three clusters.
TEST(KmeansBaseline, LearnsFromTheTrainingImagesOnly) {
  Subject subject;
  subject.train.features = at::cat({group(0, 20, 0), group(1, 20, 1), group(2, 20, 2)});
  subject.validation.emplace().features = group(1, 15, 3);
  const KmeansBaseline kmeans(subject, 3, {});
  const std::vector<int> of_train = clusters_of(kmeans.clustering(subject.train));
  EXPECT_EQ(std::set<int>(of_train.begin(), of_train.end()).size(), 3u);
  for (const int cluster : clusters_of(kmeans.clustering(*subject.validation))) {
    EXPECT_EQ(cluster, of_train[20]);
  }
  // Fewer images than clusters are no problem.
  subject.validation->features = group(2, 1, 4);
  EXPECT_EQ(clusters_of(kmeans.clustering(*subject.validation)), std::vector<int>{of_train[40]});
}

}  // namespace
}  // namespace nolabel
