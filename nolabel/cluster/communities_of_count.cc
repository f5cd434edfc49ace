#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/partition.h"

namespace nolabel {
namespace {

constexpr int kTrials = 20;
constexpr int kTrialIterations = 2;
// Of the mean cluster N/K, where that is less.
constexpr double kLargeShareOfMean = 0.2;
// Factors of the resolution while the count lies on one side of K in all trials.
constexpr double kFiner = 2, kCoarser = 0.25;
// Of resolutions closer than this, chance decides which gives more communities.
constexpr double kClosest = 1.005;

int64_t large_size(int64_t nodes, int clusters) {
  const double of_mean = kLargeShareOfMean * static_cast<double>(nodes) / clusters;
  return std::min(least_of_large(nodes),
                  std::max(smallest_large, static_cast<int64_t>(std::ceil(of_mean))));
}

// Communities numbered by falling size. The large ones are 0..large-1.
struct Trial {
  std::vector<int64_t> community;  // [N]
  double resolution = 0;
  int64_t large = 0;
  int64_t nodes_in_large = 0;
};

Trial make_trial(std::vector<int64_t> community, double resolution, int64_t least) {
  Trial trial{std::move(community), resolution, 0, 0};
  for (const int64_t size : community_sizes(trial.community)) {
    if (size < least) continue;
    ++trial.large;
    trial.nodes_in_large += size;
  }
  return trial;
}

std::vector<int64_t> connected_components(const NeighborGraph& graph) {
  std::vector<int32_t> component(graph.nodes(), -1), stack;
  int32_t count = 0;
  for (int32_t first = 0; first < graph.nodes(); ++first) {
    if (component[first] >= 0) continue;
    component[first] = count;
    stack.push_back(first);
    while (!stack.empty()) {
      const int32_t node = stack.back();
      stack.pop_back();
      for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
        const int32_t target = graph.targets[edge];
        if (component[target] >= 0) continue;
        component[target] = count;
        stack.push_back(target);
      }
    }
    ++count;
  }
  return numbered_by_size(std::move(component));
}

// Whether `trial` serves better than `best` for K clusters: the smallest count of K or more, else
// the largest count.
bool is_nearer(const Trial& trial, const Trial& best, int64_t clusters) {
  if (best.large >= clusters) return trial.large >= clusters && trial.large < best.large;
  return trial.large > best.large;
}

// Bisects the logarithm of the resolution. Towards 0 the communities become the connected
// components, so with these the search begins. A resolution is too high if the large communities
// are more than K, or if they have lost most of the nodes to small ones.
Trial nearest_trial(const NeighborGraph& graph, int clusters, int64_t least, LeidenOptions options,
                    const Observer& observer) {
  options.iterations = std::min(options.iterations, kTrialIterations);
  Trial best = make_trial(connected_components(graph), 0, least);
  const int64_t reachable = best.nodes_in_large;
  if (best.large >= clusters) return best;
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTrials && best.large != clusters && high > kClosest * low; ++i) {
    Trial trial = make_trial(leiden(graph, options, observer), options.resolution, least);
    const bool too_high = trial.large > clusters || 2 * trial.nodes_in_large < reachable;
    (too_high ? high : low) = options.resolution;
    if (is_nearer(trial, best, clusters)) best = std::move(trial);
    options.resolution = low == 0           ? high * kCoarser
                         : std::isinf(high) ? low * kFiner
                                            : std::sqrt(low) * std::sqrt(high);
  }
  return best;
}

// The trial with all its iterations, if these leave the count of large communities as it is.
Trial completed(const NeighborGraph& graph, Trial trial, int64_t least, LeidenOptions options,
                const Observer& observer) {
  if (trial.resolution == 0 || options.iterations <= kTrialIterations) return trial;
  options.resolution = trial.resolution;
  Trial complete = make_trial(leiden(graph, options, observer), options.resolution, least);
  return complete.large == trial.large ? complete : trial;
}

// Every node in a small community takes the large one to which its edges weigh most; of equal ones
// the first. In each round, those nodes decide that have a neighbor which had joined before the
// round. Nodes without such a neighbor in any round join what is then the largest community.
void join_large(const NeighborGraph& graph, Trial& trial) {
  constexpr int64_t open = -1;
  std::vector<int64_t>& community = trial.community;
  for (int64_t& c : community) c = c < trial.large ? c : open;
  std::vector<char> waits(graph.nodes(), false);
  std::vector<int32_t> joined, round;
  for (int32_t v = 0; v < graph.nodes(); ++v) {
    if (community[v] != open) joined.push_back(v);
  }
  while (!joined.empty()) {
    round.clear();
    for (const int32_t node : joined) {
      for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
        const int32_t target = graph.targets[edge];
        if (community[target] != open || waits[target]) continue;
        waits[target] = true;
        round.push_back(target);
      }
    }
    std::vector<int64_t> choices;
    for (const int32_t node : round) {
      std::map<int64_t, double> votes;
      for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
        const int64_t c = community[graph.targets[edge]];
        if (c != open) votes[c] += graph.weights[edge];
      }
      choices.push_back(std::max_element(votes.begin(), votes.end(), [](auto& a, auto& b) {
                          return a.second < b.second;
                        })->first);
    }
    for (size_t i = 0; i < round.size(); ++i) community[round[i]] = choices[i];
    joined.swap(round);
  }
  std::vector<int64_t> sizes(std::max<int64_t>(1, trial.large), 0);
  for (const int64_t c : community) {
    if (c != open) ++sizes[c];
  }
  const int64_t largest = std::max_element(sizes.begin(), sizes.end()) - sizes.begin();
  std::replace(community.begin(), community.end(), open, largest);
}

// Clusters while they are merged: the weights between them and the sums of their degrees.
struct ClusterGraph {
  std::vector<std::map<int64_t, double>> weights;  // [K] by the other cluster
  std::vector<double> degrees;                     // [K]
  std::vector<int64_t> merged_into;                // [K], itself: not merged
};

ClusterGraph cluster_graph(const NeighborGraph& graph, const Trial& trial) {
  ClusterGraph result{std::vector<std::map<int64_t, double>>(trial.large),
                      std::vector<double>(trial.large, 0), std::vector<int64_t>(trial.large)};
  std::iota(result.merged_into.begin(), result.merged_into.end(), 0);
  for (int64_t v = 0; v < graph.nodes(); ++v) {
    const int64_t own = trial.community[v];
    result.degrees[own] += graph.degree[v];
    for (int64_t edge = graph.offsets[v]; edge < graph.offsets[v + 1]; ++edge) {
      const int64_t other = trial.community[graph.targets[edge]];
      if (other != own) result.weights[own][other] += graph.weights[edge];
    }
  }
  return result;
}

// The pair whose merge changes the modularity best: by (E - price K_a K_b) / m. Of pairs without an
// edge, only that of the two smallest degrees can be best.
std::pair<int64_t, int64_t> best_pair(const ClusterGraph& clusters, double price) {
  std::vector<int64_t> left;
  for (size_t c = 0; c < clusters.degrees.size(); ++c) {
    if (clusters.merged_into[c] == static_cast<int64_t>(c)) left.push_back(c);
  }
  const auto smaller = [&](int64_t a, int64_t b) {
    return clusters.degrees[a] < clusters.degrees[b];
  };
  std::partial_sort(left.begin(), left.begin() + 2, left.end(), smaller);
  std::pair<int64_t, int64_t> best = std::minmax(left[0], left[1]);
  double most = -price * clusters.degrees[best.first] * clusters.degrees[best.second];
  for (const int64_t a : left) {
    for (const auto& [b, weight] : clusters.weights[a]) {
      const double gain = weight - price * clusters.degrees[a] * clusters.degrees[b];
      if (a < b && gain > most) best = {a, b}, most = gain;
    }
  }
  return best;
}

void merge_pair(ClusterGraph& clusters, int64_t kept, int64_t gone) {
  for (const auto& [other, weight] : clusters.weights[gone]) {
    clusters.weights[other].erase(gone);
    if (other == kept) continue;
    clusters.weights[kept][other] += weight;
    clusters.weights[other][kept] += weight;
  }
  clusters.weights[gone].clear();
  clusters.degrees[kept] += clusters.degrees[gone];
  clusters.merged_into[gone] = kept;
}

void merge_to(const NeighborGraph& graph, int64_t count, Trial& trial, const Observer& observer) {
  ClusterGraph clusters = cluster_graph(graph, trial);
  const double total = std::accumulate(clusters.degrees.begin(), clusters.degrees.end(), 0.0);
  // At resolution 0 all pairs of components are equal, so resolution 1 weighs them.
  const double resolution = trial.resolution > 0 ? trial.resolution : 1;
  for (; trial.large > count; --trial.large) {
    observer.stop_if_requested();
    const auto [kept, gone] = best_pair(clusters, resolution / total);
    merge_pair(clusters, kept, gone);
  }
  for (int64_t& c : trial.community) {
    while (clusters.merged_into[c] != c) c = clusters.merged_into[c];
  }
}

// The clusters, and the resolution that gave them; 0: none was needed.
std::pair<std::vector<int64_t>, double> counted_communities(const NeighborGraph& graph,
                                                            int clusters,
                                                            const LeidenOptions& options,
                                                            const Observer& observer) {
  NOLABEL_ASSERT(clusters >= 1 && clusters <= graph.nodes());
  NOLABEL_ASSERT(options.resolution > 0);
  observer.stop_if_requested();
  int64_t least = large_size(graph.nodes(), clusters);
  Trial trial = nearest_trial(graph, clusters, least, options, observer);
  while (trial.large < clusters && least > smallest_large) {
    least = std::max(smallest_large, least / 2);
    LeidenOptions next = options;
    if (trial.resolution > 0) next.resolution = trial.resolution;
    trial = nearest_trial(graph, clusters, least, next, observer);
  }
  trial = completed(graph, std::move(trial), least, options, observer);
  join_large(graph, trial);
  const double resolution = trial.resolution;
  if (trial.large > clusters) merge_to(graph, clusters, trial, observer);
  return {numbered_by_size({trial.community.begin(), trial.community.end()}), resolution};
}

}  // namespace

std::vector<int64_t> communities_of_count(const NeighborGraph& graph, int clusters,
                                          const LeidenOptions& options, const Observer& observer) {
  return counted_communities(graph, clusters, options, observer).first;
}

std::vector<std::vector<int64_t>> community_partitions(const NeighborGraph& graph, int clusters,
                                                       int count, LeidenOptions options,
                                                       const Observer& observer) {
  std::vector<std::vector<int64_t>> partitions;
  for (int i = 0; i < count; ++i) {
    auto [assignments, resolution] = counted_communities(graph, clusters, options, observer);
    partitions.push_back(std::move(assignments));
    if (resolution > 0) options.resolution = resolution;
    ++options.seed;
  }
  return partitions;
}

}  // namespace nolabel
