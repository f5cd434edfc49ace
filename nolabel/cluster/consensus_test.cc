#include "nolabel/cluster/consensus.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/cluster/spherical_kmeans.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

using Clustering = std::vector<int64_t>;

// Clusters of uneven sizes: one image of cluster 0, two of cluster 1, and so on, again and again.
Clustering uneven(int64_t images, int64_t clusters) {
  Clustering result;
  const int64_t all = clusters * (clusters + 1) / 2;
  for (int64_t i = 0; i < images; ++i) {
    int64_t cluster = 0, left = i % all;
    while (left > cluster) left -= ++cluster;
    result.push_back(cluster);
  }
  return result;
}

Clustering renumbered(Clustering clustering, int64_t clusters, uint32_t which) {
  const Clustering number = permutation(clusters, Random(6, Purpose::sample, which));
  for (int64_t& cluster : clustering) cluster = number[cluster];
  return clustering;
}

// So large a share of the images goes to any cluster.
Clustering disturbed(Clustering clustering, int64_t clusters, float share, uint32_t which) {
  Random random(7, Purpose::sample, which);
  for (int64_t& cluster : clustering) {
    if (random.chance(share)) cluster = static_cast<int64_t>(random.below(clusters));
  }
  return clustering;
}

// With clusters numbered in the order of their first images: equal for equal partitions.
Clustering in_order(const Clustering& clustering) {
  std::map<int64_t, int64_t> number;
  Clustering result;
  for (const int64_t cluster : clustering) {
    result.push_back(number.try_emplace(cluster, std::ssize(number)).first->second);
  }
  return result;
}

at::Tensor noisy_directions(int64_t images, int64_t kinds, double noise = 0.5) {
  at::Tensor rows = at::empty({images, kinds}, at::kFloat);
  auto value = rows.accessor<float, 2>();
  Random random(8, Purpose::sample);
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t d = 0; d < kinds; ++d) {
      value[i][d] = static_cast<float>(noise * random.normal() + (i % kinds == d ? 1 : 0));
    }
  }
  return unit_rows(rows);
}

TEST(ConsensusOf, EqualRunsIsTheirPartition) {
  const Clustering partition = uneven(60, 4);
  std::vector<Clustering> runs;
  for (uint32_t run = 0; run < 6; ++run) {
    runs.push_back(renumbered(partition, 4, run));
    EXPECT_EQ(in_order(consensus_of(runs, 4, run, {})), in_order(partition)) << runs.size();
  }
}

TEST(ConsensusOf, OutvotesAMinorityOfBadRuns) {
  const Clustering partition = uneven(90, 3);
  std::vector<Clustering> runs;
  for (uint32_t run = 0; run < 9; ++run) {
    const float wrong = run % 3 == 0 ? 1.0F : 0.05F;
    runs.push_back(renumbered(disturbed(partition, 3, wrong, run), 3, run));
  }
  EXPECT_EQ(in_order(consensus_of(runs, 3, 0, {})), in_order(partition));
}

// Two images are as similar as the share of the runs in which they are together, where a cluster
// of n images counts 1/n. The places of images are the eigenvectors of these similarities.
Clustering by_coassociation(const std::vector<Clustering>& runs, int clusters, uint64_t seed) {
  const auto images = std::ssize(runs[0]);
  at::Tensor similarity = at::zeros({images, images}, at::kDouble);
  auto value = similarity.accessor<double, 2>();
  for (const Clustering& run : runs) {
    for (int64_t i = 0; i < images; ++i) {
      for (int64_t j = 0; j < images; ++j) {
        if (run[i] == run[j]) value[i][j] += 1.0 / std::ranges::count(run, run[i]);
      }
    }
  }
  const at::Tensor vectors = std::get<1>(at::linalg_eigh(similarity));
  const at::Tensor places = unit_rows(vectors.narrow(1, images - clusters, clusters));
  return kmeans(places.to(at::kFloat).contiguous(),
                {.clusters = clusters, .restarts = 20, .seed = seed}, {})
      .assignments;
}

// So disturbed that the true partition is not recovered; the two forms agree all the same.
TEST(ConsensusOf, RunsIsTheClusteringByCoassociation) {
  for (uint32_t which = 0; which < 5; ++which) {
    const Clustering partition = uneven(70, 4);
    std::vector<Clustering> runs;
    for (uint32_t run = 0; run < 5; ++run) {
      runs.push_back(disturbed(partition, 4, 0.6F, 10 * which + run));
    }
    const Clustering expected = by_coassociation(runs, 4, which);
    EXPECT_NE(in_order(expected), in_order(partition));
    EXPECT_EQ(in_order(consensus_of(runs, 4, which, {})), in_order(expected)) << which;
  }
}

TEST(ConsensusOf, TakesClustersThatNoRunUses) {
  const Clustering halves = uneven(30, 2);
  const Clustering consensus = consensus_of({halves, halves}, 5, 0, {});
  EXPECT_EQ(in_order(consensus), in_order(halves));
}

// One run often joins two of so many kinds; all together do not.
TEST(ConsensusClusters, FindsSeparatedDirections) {
  const Clustering clusters =
      consensus_clusters(noisy_directions(160, 8, 0.1), {.clusters = 8}, {});
  Clustering kinds;
  for (int64_t i = 0; i < 160; ++i) kinds.push_back(i % 8);
  EXPECT_EQ(in_order(clusters), kinds);
}

TEST(ConsensusClusters, IsTheConsensusOfItsRuns) {
  const at::Tensor rows = noisy_directions(120, 4);
  std::vector<Clustering> runs;
  for (uint32_t run = 0; run < 3; ++run) {
    runs.push_back(spherical_kmeans(rows, 4, 5, Random(9, Purpose::consensus, run), {}));
  }
  std::vector<Progress> reports;
  Observer observer;
  observer.progress = [&](const Progress& progress) { reports.push_back(progress); };
  const ConsensusOptions options{.clusters = 4, .runs = 3, .iterations = 5, .seed = 9};
  EXPECT_EQ(consensus_clusters(rows, options, observer), consensus_of(runs, 4, 9, {}));
  ASSERT_EQ(reports.size(), 3);
  EXPECT_EQ(reports.back().done, 3);
  EXPECT_EQ(reports.back().total, 3);
}

TEST(ConsensusClusters, IsTheSameForAnyNumberOfThreads) {
  const at::Tensor rows = noisy_directions(300, 5);
  ConsensusOptions options{.clusters = 5, .runs = 8, .iterations = 3, .seed = 2};
  const Clustering one = consensus_clusters(rows, options, {});
  options.threads = 2;
  EXPECT_EQ(consensus_clusters(rows, options, {}), one);
  EXPECT_EQ(consensus_clusters(rows, options, {}), one);
}

TEST(ConsensusClusters, TakesOneClusterAndOnePerImage) {
  const at::Tensor rows = noisy_directions(12, 3);
  EXPECT_EQ(consensus_clusters(rows, {.clusters = 1}, {}), Clustering(12, 0));
  const Clustering all = consensus_clusters(rows, {.clusters = 12}, {});
  EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()).size(), 12);
}

TEST(ConsensusClusters, TakesEqualImages) {
  const Clustering clusters =
      consensus_clusters(unit_rows(at::ones({40, 3})), {.clusters = 4, .threads = 2}, {});
  EXPECT_EQ(clusters.size(), 40);
  for (const int64_t cluster : clusters) EXPECT_TRUE(cluster >= 0 && cluster < 4) << cluster;
}

TEST(ConsensusClusters, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(consensus_clusters(noisy_directions(20, 3), {.clusters = 3}, observer), Error);
  EXPECT_THROW(consensus_of({uneven(20, 3)}, 3, 0, observer), Error);
}

TEST(ConsensusRuns, AreFewerForManyClusters) {
  EXPECT_EQ(consensus_runs(1), 32);
  EXPECT_EQ(consensus_runs(64), 32);
  EXPECT_EQ(consensus_runs(100), 20);
  EXPECT_EQ(consensus_runs(512), 4);
  EXPECT_EQ(consensus_runs(100'000), 4);
}

}  // namespace
}  // namespace nolabel
