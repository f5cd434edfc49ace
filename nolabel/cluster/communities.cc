#include "nolabel/cluster/communities.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/leiden_steps.h"
#include "nolabel/cluster/partition.h"

namespace nolabel {
namespace {

// What the random numbers of one iteration and level are drawn for.
enum DrawnFor : uint32_t { order_of_moves, order_of_refinement, choice_of_part };

double total_degree(const NeighborGraph& graph) {
  return std::accumulate(graph.degree.begin(), graph.degree.end(), 0.0);
}

// Algorithm A.2 from the communities `start` [N] on. Each of its levels moves nodes, refines, and
// makes the parts nodes of the next level. At the end every node is a community, so each community
// is one part, which refine() has left connected.
std::vector<int32_t> leiden_iteration(const NeighborGraph& images, DegreePrice price,
                                      std::vector<int32_t> start, uint64_t seed, uint32_t iteration,
                                      const Observer& observer) {
  std::vector<int32_t> node_of(images.nodes());  // of an image, in the graph of the level
  std::iota(node_of.begin(), node_of.end(), 0);
  std::vector<int32_t> community = std::move(start);
  NeighborGraph aggregated;
  for (uint32_t level = 0;; ++level) {
    observer.stop_if_requested();
    const NeighborGraph& graph = level == 0 ? images : aggregated;
    const auto random = [&](DrawnFor drawn_for) {
      return Random(seed, Purpose::communities, iteration, level, drawn_for);
    };
    move_nodes(graph, price, community, random(order_of_moves), observer);
    if (number_in_order(community) == graph.nodes()) return node_of;

    std::vector<int32_t> part = refine(graph, price, community, random(order_of_refinement),
                                       random(choice_of_part), observer);
    const int32_t parts = number_in_order(part);
    // No merge gains more than the randomness. The next level would be this one again.
    if (parts == graph.nodes()) return node_of;
    std::vector<int32_t> community_of_part(parts);
    for (size_t v = 0; v < part.size(); ++v) community_of_part[part[v]] = community[v];
    number_in_order(community_of_part);
    for (int32_t& node : node_of) node = part[node];
    aggregated = aggregate(graph, part, parts);
    community = std::move(community_of_part);
  }
}

}  // namespace

double modularity(const NeighborGraph& graph, const std::vector<int64_t>& community,
                  double resolution) {
  NOLABEL_ASSERT(static_cast<int64_t>(community.size()) == graph.nodes());
  const double total = total_degree(graph);
  if (total == 0) return 0;
  std::vector<double> sums(graph.nodes(), 0);
  double inside = 0;
  for (int64_t v = 0; v < graph.nodes(); ++v) {
    NOLABEL_ASSERT(community[v] >= 0 && community[v] < graph.nodes());
    sums[community[v]] += graph.degree[v];
    for (int64_t edge = graph.offsets[v]; edge < graph.offsets[v + 1]; ++edge) {
      if (community[graph.targets[edge]] == community[v]) inside += graph.weights[edge];
    }
  }
  double expected = 0;
  for (const double sum : sums) expected += sum * sum / total;
  return (inside - resolution * expected) / total;
}

std::vector<int64_t> leiden(const NeighborGraph& graph, const LeidenOptions& options,
                            const Observer& observer) {
  NOLABEL_ASSERT(std::isfinite(options.resolution) && options.resolution >= 0);
  NOLABEL_ASSERT(options.iterations >= 1);
  observer.stop_if_requested();
  const double total = total_degree(graph);
  const DegreePrice price = total > 0 ? options.resolution / total : 0;
  std::vector<int32_t> community(graph.nodes());
  std::iota(community.begin(), community.end(), 0);
  for (int i = 0; i < options.iterations; ++i) {
    std::vector<int32_t> next =
        leiden_iteration(graph, price, community, options.seed, static_cast<uint32_t>(i), observer);
    number_in_order(next);
    if (next == community) break;
    community = std::move(next);
  }
  return numbered_by_size(std::move(community));
}

}  // namespace nolabel
