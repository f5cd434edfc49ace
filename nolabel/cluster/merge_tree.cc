#include "nolabel/cluster/merge_tree.h"

#include <algorithm>
#include <map>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/partition.h"

namespace nolabel {
namespace {

constexpr int kPartsPerCluster = 3;
constexpr double kLeastShare = 0.1;  // of its cluster, in a part
constexpr int64_t kLeastImages = 5;

int64_t used_clusters(const std::vector<int64_t>& clusters) {
  return std::ranges::count_if(community_sizes(clusters), [](int64_t n) { return n > 0; });
}

struct Parts {
  std::vector<int64_t> part;        // [N]
  std::vector<int64_t> cluster_of;  // [P]
};

// Numbered by cluster, and within a cluster by falling size; its largest part takes what is small.
Parts parts_of(const std::vector<int64_t>& clusters, const std::vector<int64_t>& communities) {
  std::map<int64_t, std::map<int64_t, int64_t>> sizes;  // by cluster, then by community
  for (size_t i = 0; i < clusters.size(); ++i) ++sizes[clusters[i]][communities[i]];
  Parts parts;
  std::map<std::pair<int64_t, int64_t>, int64_t> number;
  for (const auto& [cluster, pieces] : sizes) {
    std::vector<std::pair<int64_t, int64_t>> by_size;  // images, community
    int64_t images = 0;
    for (const auto& [community, size] : pieces) {
      by_size.emplace_back(size, community);
      images += size;
    }
    std::ranges::sort(by_size, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    const auto largest = static_cast<int64_t>(parts.cluster_of.size());
    for (const auto& [size, community] : by_size) {
      const bool is_part = community == by_size.front().second ||
                           (size >= kLeastImages &&
                            static_cast<double>(size) >= kLeastShare * static_cast<double>(images));
      if (is_part) parts.cluster_of.push_back(cluster);
      number[{cluster, community}] =
          is_part ? static_cast<int64_t>(parts.cluster_of.size()) - 1 : largest;
    }
  }
  for (size_t i = 0; i < clusters.size(); ++i) {
    parts.part.push_back(number.at({clusters[i], communities[i]}));
  }
  return parts;
}

// Groups while they are merged.
class Groups {
 public:
  Groups(const NeighborGraph& graph, const Parts& parts)
      : cluster_(parts.cluster_of),
        weights_(parts.cluster_of.size()),
        degrees_(parts.cluster_of.size(), 0) {
    for (size_t group = 0; group < cluster_.size(); ++group) left_.push_back(group);
    for (int64_t v = 0; v < graph.nodes(); ++v) {
      const int64_t own = parts.part[v];
      degrees_[own] += graph.degree[v];
      for (int64_t edge = graph.offsets[v]; edge < graph.offsets[v + 1]; ++edge) {
        const int64_t other = parts.part[graph.targets[edge]];
        if (other != own) weights_[own][other] += graph.weights[edge];
      }
    }
  }

  int64_t left() const { return static_cast<int64_t>(left_.size()); }

  // Merges the best pair, of one cluster only if asked, and returns it; nothing where there is
  // none.
  std::optional<std::pair<int64_t, int64_t>> merge_best(bool within_clusters) {
    std::pair<int64_t, int64_t> best;
    double most = -1;
    for (size_t i = 0; i < left_.size(); ++i) {
      for (size_t j = i + 1; j < left_.size(); ++j) {
        const int64_t a = left_[i], b = left_[j];
        if (within_clusters && cluster_[a] != cluster_[b]) continue;
        const auto shared = weights_[a].find(b);
        const double edges = shared == weights_[a].end() ? 0 : shared->second;
        const double density = edges / std::max(degrees_[a] * degrees_[b], 1e-12);
        if (density > most) most = density, best = {a, b};
      }
    }
    if (most < 0) return std::nullopt;
    join(best.first, best.second);
    return best;
  }

 private:
  void join(int64_t kept, int64_t gone) {
    for (const auto& [other, weight] : weights_[gone]) {
      weights_[other].erase(gone);
      if (other == kept) continue;
      weights_[kept][other] += weight;
      weights_[other][kept] += weight;
    }
    weights_[gone].clear();
    degrees_[kept] += degrees_[gone];
    left_.erase(std::ranges::find(left_, gone));
  }

  const std::vector<int64_t> cluster_;
  std::vector<std::map<int64_t, double>> weights_;  // [P], by the other group
  std::vector<double> degrees_;                     // [P]
  std::vector<int64_t> left_;
};

}  // namespace

bool has_merge_tree(const std::vector<int64_t>& clusters) {
  constexpr int64_t most = 150;
  return used_clusters(clusters) <= most;
}

MergeTree merge_tree(const NeighborGraph& graph, const std::vector<int64_t>& clusters,
                     uint64_t seed, const Observer& observer) {
  NOLABEL_ASSERT(static_cast<int64_t>(clusters.size()) == graph.nodes());
  const int64_t used = used_clusters(clusters);
  const auto communities =
      static_cast<int>(std::min<int64_t>(kPartsPerCluster * used, graph.nodes()));
  Parts parts =
      parts_of(clusters, communities_of_count(graph, communities, {.seed = seed}, observer));
  Groups groups(graph, parts);
  MergeTree tree;
  for (const bool within : {true, false}) {
    while (groups.left() > (within ? used : 2)) {
      observer.stop_if_requested();
      // There is a pair: more groups are left than clusters, or than two.
      tree.merges.push_back(groups.merge_best(within).value());
    }
  }
  tree.part = std::move(parts.part);
  tree.cluster_of = std::move(parts.cluster_of);
  return tree;
}

}  // namespace nolabel
