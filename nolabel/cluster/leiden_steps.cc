#include "nolabel/cluster/leiden_steps.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nolabel {
namespace {

// θ of the paper, which uses this value: how random the refinement is, in units of the gain. The
// gain is that of the unnormalised quality function, as in the paper's eq. 2.
constexpr double kRandomness = 0.01;
// A choice less likely than e^-40 times the best one is never drawn.
constexpr double kNegligible = 40 * kRandomness;
// Gains below this share of a node's degree are rounding errors. Without the limit, two nodes could
// follow each other for ever.
constexpr double kRoundingShare = 1e-10;
constexpr int64_t kVisitsPerStopCheck = 4096;

// The weights between one node and the communities around it.
class WeightsAround {
 public:
  explicit WeightsAround(int64_t nodes) : weight_(nodes, 0) { communities_.reserve(64); }

  // Only edges to nodes that `counts` accepts. community may change between calls.
  template <class Counts>
  void set(const NeighborGraph& graph, int32_t node, const std::vector<int32_t>& community,
           const Counts& counts) {
    for (const int32_t c : communities_) weight_[c] = 0;
    communities_.clear();
    const int64_t end = graph.offsets[node + 1];
    for (int64_t edge = graph.offsets[node]; edge < end; ++edge) {
      const int32_t target = graph.targets[edge];
      if (!counts(target)) continue;
      const int32_t c = community[target];
      if (weight_[c] == 0) communities_.push_back(c);
      weight_[c] += graph.weights[edge];
    }
  }
  const std::vector<int32_t>& communities() const { return communities_; }
  double to(int32_t community) const { return weight_[community]; }

 private:
  std::vector<double> weight_;  // [N], 0 where there is no edge
  std::vector<int32_t> communities_;
};

// A queue in which every node stands at most once.
class NodeQueue {
 public:
  explicit NodeQueue(const std::vector<int64_t>& order)
      : nodes_(order.begin(), order.end()), waits_(order.size(), true), count_(order.size()) {}

  bool empty() const { return count_ == 0; }
  int32_t take() {
    const int32_t node = nodes_[first_];
    if (++first_ == nodes_.size()) first_ = 0;
    --count_;
    waits_[node] = false;
    return node;
  }
  void add(int32_t node) {
    if (waits_[node]) return;
    waits_[node] = true;
    const size_t place = first_ + count_++;
    nodes_[place < nodes_.size() ? place : place - nodes_.size()] = node;
  }

 private:
  std::vector<int32_t> nodes_;  // a ring
  std::vector<char> waits_;
  size_t first_ = 0, count_;
};

std::vector<double> degree_sums(const NeighborGraph& graph, const std::vector<int32_t>& community) {
  std::vector<double> sums(graph.nodes(), 0);
  for (int64_t v = 0; v < graph.nodes(); ++v) sums[community[v]] += graph.degree[v];
  return sums;
}

std::vector<int32_t> empty_communities(const std::vector<int32_t>& community) {
  std::vector<char> used(community.size(), false);
  for (const int32_t c : community) used[c] = true;
  std::vector<int32_t> unused;
  for (size_t c = 0; c < used.size(); ++c) {
    if (!used[c]) unused.push_back(static_cast<int32_t>(c));
  }
  return unused;
}

}  // namespace

void move_nodes(const NeighborGraph& graph, DegreePrice price, std::vector<int32_t>& community,
                Random random, const Observer& observer) {
  std::vector<double> sums = degree_sums(graph, community);
  std::vector<int32_t> sizes(graph.nodes(), 0);
  for (const int32_t c : community) ++sizes[c];
  std::vector<int32_t> unused = empty_communities(community);
  WeightsAround around(graph.nodes());
  NodeQueue queue(permutation(graph.nodes(), random));
  for (int64_t visits = 1; !queue.empty(); ++visits) {
    if (visits % kVisitsPerStopCheck == 0) observer.stop_if_requested();
    const int32_t node = queue.take(), own = community[node];
    const double degree = graph.degree[node];
    around.set(graph, node, community, [](int32_t) { return true; });

    sums[own] -= degree;
    int32_t best = own;
    double most = around.to(own) - price * degree * sums[own] + kRoundingShare * degree;
    for (const int32_t c : around.communities()) {
      const double gain = around.to(c) - price * degree * sums[c];
      if (gain > most) best = c, most = gain;
    }
    if (most < 0 && sizes[own] > 1) {  // alone, the node would gain 0
      best = unused.back();
      unused.pop_back();
    }
    sums[best] += degree;
    if (best == own) continue;

    community[node] = best;
    ++sizes[best];
    if (--sizes[own] == 0) unused.push_back(own);
    for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
      if (community[graph.targets[edge]] != best) queue.add(graph.targets[edge]);
    }
  }
}

namespace {

// A part with probability proportional to e^(gain/θ) (the paper's eq. in MergeNodesSubset). To stay
// alone gains 0.
class PartChoice {
 public:
  void start(int32_t own) {
    parts_.assign(1, own);
    gains_.assign(1, 0);
    most_ = 0;
  }
  void add(int32_t part, double gain) {
    parts_.push_back(part);
    gains_.push_back(gain);
    most_ = std::max(most_, gain);
  }
  int32_t draw(Random& random) {
    double sum = 0;
    for (double& gain : gains_) {
      const double below = most_ - gain;
      if (below < kNegligible) sum += std::exp(-below / kRandomness);
      gain = sum;
    }
    const double place = random.uniform_double() * sum;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (place < gains_[i]) return parts_[i];
    }
    return parts_.front();
  }

 private:
  std::vector<int32_t> parts_;
  std::vector<double> gains_;
  double most_ = 0;
};

}  // namespace

std::vector<int32_t> refine(const NeighborGraph& graph, DegreePrice price,
                            const std::vector<int32_t>& community, Random order, Random draws,
                            const Observer& observer) {
  const int64_t nodes = graph.nodes();
  const std::vector<double> community_sums = degree_sums(graph, community);
  std::vector<int32_t> part(nodes);
  std::iota(part.begin(), part.end(), 0);
  std::vector<double> sums = graph.degree;  // of the degrees in a part
  std::vector<double> outward(nodes, 0);    // weight from a part to the rest of its community
  std::vector<char> alone(nodes, true);     // of a node: nobody joined it
  for (int64_t v = 0; v < nodes; ++v) {
    for (int64_t edge = graph.offsets[v]; edge < graph.offsets[v + 1]; ++edge) {
      if (community[graph.targets[edge]] == community[v]) outward[v] += graph.weights[edge];
    }
  }
  const auto well_connected = [&](int32_t p, double all) {
    return outward[p] >= price * sums[p] * (all - sums[p]);
  };

  WeightsAround around(nodes);
  PartChoice choice;
  int64_t visits = 0;
  for (const int64_t visited : permutation(nodes, order)) {
    if (++visits % kVisitsPerStopCheck == 0) observer.stop_if_requested();
    const auto node = static_cast<int32_t>(visited);
    const double all = community_sums[community[node]];
    if (!alone[node] || !well_connected(node, all)) continue;
    around.set(graph, node, part,
               [&](int32_t target) { return community[target] == community[node]; });
    choice.start(node);
    for (const int32_t p : around.communities()) {
      if (!well_connected(p, all)) continue;
      const double gain = around.to(p) - price * graph.degree[node] * sums[p];
      if (gain >= 0) choice.add(p, gain);
    }
    const int32_t chosen = choice.draw(draws);
    if (chosen == node) continue;
    part[node] = chosen;
    alone[node] = alone[chosen] = false;
    sums[chosen] += graph.degree[node];
    outward[chosen] += outward[node] - 2 * around.to(chosen);
  }
  return part;
}

NeighborGraph aggregate(const NeighborGraph& graph, const std::vector<int32_t>& part,
                        int32_t count) {
  std::vector<int32_t> starts(count + 1, 0), members(graph.nodes());  // the nodes of each part
  for (const int32_t p : part) ++starts[p + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<int32_t> next(starts.begin(), starts.end() - 1);
  for (int32_t v = 0; v < graph.nodes(); ++v) members[next[part[v]]++] = v;

  NeighborGraph result;
  result.degree.assign(count, 0);
  result.offsets.reserve(count + 1);
  std::vector<double> weight(count, 0);
  std::vector<int32_t> touched;
  for (int32_t p = 0; p < count; ++p) {
    for (int32_t i = starts[p]; i < starts[p + 1]; ++i) {
      const int32_t node = members[i];
      result.degree[p] += graph.degree[node];
      for (int64_t edge = graph.offsets[node]; edge < graph.offsets[node + 1]; ++edge) {
        const int32_t target = part[graph.targets[edge]];
        if (target == p) continue;
        if (weight[target] == 0) touched.push_back(target);
        weight[target] += graph.weights[edge];
      }
    }
    for (const int32_t target : touched) {
      result.targets.push_back(target);
      result.weights.push_back(static_cast<float>(weight[target]));
      weight[target] = 0;
    }
    touched.clear();
    result.offsets.push_back(static_cast<int64_t>(result.targets.size()));
  }
  return result;
}

}  // namespace nolabel
