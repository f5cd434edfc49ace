#include "nolabel/pipeline/run_tree.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// [train] the clusters of the images that train, as they are shown.
std::vector<int64_t> shown_clusters(const Subject& subject, const AssignedImages& given) {
  const std::vector<int64_t> of_given = assigned_clusters(given.probabilities);
  std::vector<int64_t> clusters;
  for (const int64_t image : subject.given_of_train()) clusters.push_back(of_given[image]);
  return clusters;
}

// The tree of the images that train as a tree of all: an image that does not train is in the part
// of the one that stands for it, if it is in the same cluster, or else in the first part of its
// own.
void extend_to_given(MergeTree& tree, const Subject& subject, const AssignedImages& given) {
  const std::vector<int64_t> clusters = assigned_clusters(given.probabilities);
  std::vector<int64_t> part;
  for (size_t i = 0; i < clusters.size(); ++i) {
    const int64_t row = subject.row_of_given[i];
    if (row >= 0 && tree.cluster_of[tree.part[row]] == clusters[i]) {
      part.push_back(tree.part[row]);
      continue;
    }
    const auto first = std::ranges::find(tree.cluster_of, clusters[i]);
    part.push_back(first == tree.cluster_of.end() ? 0 : first - tree.cluster_of.begin());
  }
  tree.part = std::move(part);
}

// The tree of merges around the clusters that are shown, where the run has a table of neighbors of
// these images.
std::optional<MergeTree> tree_of(const RunDirectory& run, const Subject& subject,
                                 const AssignedImages& given, const Environment& environment) {
  const std::vector<int64_t> clusters = shown_clusters(subject, given);
  if (!has_merge_tree(clusters) || !fs::exists(run.train_neighbors()) ||
      !is_of_data(run.train_neighbors(), subject.data_fingerprint)) {
    return std::nullopt;
  }
  const NeighborGraph graph = graph_of_table(run);
  if (graph.nodes() != std::ssize(clusters)) return std::nullopt;
  MergeTree tree;
  run_unsaved("finding fewer and more groups", Ended::kept, environment.observer,
              [&](const Observer& observer) {
                tree = merge_tree(graph, clusters, environment.seed, observer);
              });
  extend_to_given(tree, subject, given);
  return tree;
}

// tree.json; without a tree, that of an earlier clustering goes.
void write_tree(const fs::path& file, const std::optional<MergeTree>& tree, int64_t clusters) {
  if (!tree) {
    std::error_code absent;
    fs::remove(file, absent);
    return;
  }
  const nlohmann::json json = {{"clusters", clusters},
                               {"part", tree->part},
                               {"cluster_of", tree->cluster_of},
                               {"merges", tree->merges}};
  write_file(file, json.dump() + "\n");
}

}  // namespace

std::optional<MergeTree> write_merge_tree(const RunDirectory& run, const Subject& subject,
                                          const AssignedImages& given,
                                          const Environment& environment) {
  std::optional<MergeTree> tree = tree_of(run, subject, given, environment);
  write_tree(run.path() / "tree.json", tree, given.probabilities.columns);
  return tree;
}

}  // namespace nolabel
