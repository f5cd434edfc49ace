#include "nolabel/cluster/cluster_count.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/partition.h"

namespace nolabel {
namespace {

constexpr double kCoarse = 0.5, kMiddle = 1, kFine = 1.4;
constexpr int kSeeds = 3;
constexpr double kWider = 1.25;

// Of every seed, in ascending order.
std::vector<int> counts_at(double resolution, const NeighborGraph& graph, uint64_t seed,
                           const Observer& observer) {
  const int64_t least = least_of_large(graph.nodes());
  std::vector<int> counts;
  for (int i = 0; i < kSeeds; ++i) {
    const std::vector<int64_t> sizes = community_sizes(
        leiden(graph, {.resolution = resolution, .seed = seed + i, .iterations = 2}, observer));
    counts.push_back(static_cast<int>(
        std::ranges::count_if(sizes, [&](int64_t size) { return size >= least; })));
  }
  std::ranges::sort(counts);
  return counts;
}

}  // namespace

ClusterCount estimate_cluster_count(const NeighborGraph& graph, uint64_t seed,
                                    const Observer& observer) {
  NOLABEL_ASSERT(graph.nodes() >= 2);
  const std::vector<int> coarse = counts_at(kCoarse, graph, seed, observer);
  const std::vector<int> middle = counts_at(kMiddle, graph, seed, observer);
  const std::vector<int> fine = counts_at(kFine, graph, seed, observer);
  const int estimate = middle[kSeeds / 2];
  const int least = std::min(coarse.front(), middle.front());
  const int most = std::max(fine.back(), middle.back());
  const bool all_equal =
      coarse.front() == fine.back() && coarse.back() == fine.front() && least == most;
  const double wider = all_equal ? 1 : kWider;
  const auto possible = [&](double count) {
    return static_cast<int>(std::clamp<double>(count, 2, static_cast<double>(graph.nodes())));
  };
  return {possible(estimate), possible(std::floor(least / wider)),
          possible(std::ceil(most * wider)), all_equal && most >= 2};
}

}  // namespace nolabel
