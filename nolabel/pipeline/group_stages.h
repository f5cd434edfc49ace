// The stages that group the features of a frozen backbone: the neighbor metric, and heads that
// begin with clusters found in it (docs/method.md, Groups of frozen features).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "nolabel/cluster/cluster_count.h"
#include "nolabel/cluster/information_head.h"
#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/cluster/neighbor_metric.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct RunMetric {
  NeighborMetric metric;
  Matrix<int64_t> neighbors;  // [N,k+1] of the training images, in the metric
};

// The graph of the first 15 neighbors in the run's table, which must be there.
NeighborGraph graph_of_table(const RunDirectory& run);

// How many groups the training images seem to have, by the graph of the run's table of neighbors.
ClusterCount count_clusters_of(const RunDirectory& run, const Environment& environment);

// The training images in that many communities of the same graph (communities_of_count()); fewer
// where the graph has no more.
std::vector<int64_t> communities_of_run(const RunDirectory& run, int clusters,
                                        const Environment& environment);

// Fits the metric on the training images' averaged features (their features, where there are no
// averaged ones), from the run's table of neighbors, and leaves metric/metric.safetensors and
// metric/neighbors.npy; both are kept while they are current. `search`: how neighbors in the metric
// are searched. Error(Fault::usage) when the table is missing or not of these images.
RunMetric run_metric(const RunDirectory& run, const Subject& subject, const MineSettings& search,
                     const Environment& environment);

// What run_metric() left, if it is of this backbone and of the run's present table.
std::optional<RunMetric> kept_metric(const RunDirectory& run, const Subject& subject);

// Whether the run has at least so many heads of the stage consensus, of this backbone, of the run's
// present table and for so many clusters.
bool has_consensus(const RunDirectory& run, const Subject& subject, int clusters, int heads);

// The neighbors of these training images in the run's metric, as run_metric() or
// keep_metric_neighbors() left them; nothing where neither did.
std::optional<Matrix<int64_t>> kept_metric_neighbors(const RunDirectory& run,
                                                     const Subject& subject);

// How many random views are in the averaged features that the run's metric was fitted on; nothing
// where the run has no metric of this backbone.
std::optional<int> views_of_metric(const RunDirectory& run, const Subject& subject);

// Finds the neighbors of the training images in the run's metric, which was fitted on other images
// and stays as it is, and leaves metric/neighbors-now.npy; kept while it is current. The subject's
// features must be averaged over views_of_metric() views.
void keep_metric_neighbors(const RunDirectory& run, const Subject& subject,
                           const MineSettings& search, const Environment& environment);

// The heads that begin with clusters of the training images, and continue them
// (information_head.h):
//   kmeans       k-means of the features, and no refinement
//   consensus    what runs of spherical k-means in the metric and partitions into communities have
//                in common (consensus.h)
//   communities  what several partitions of the graph of the run's table into communities have in
//                common (communities.h); they may be of very different sizes
class GroupHeads {
 public:
  // What is given must outlive it. `earlier` [N]: the clusters of an earlier clustering, whose
  // numbers the new ones take (earlier_clusters.h); empty: there is none.
  GroupHeads(const RunDirectory& run, const Subject& subject, const RunMetric& metric, int clusters,
             const Environment& environment, std::vector<int64_t> earlier = {});

  // Leaves <stage>/model.pth.tar = {'model', 'head'} with `heads` heads from different random
  // draws; kept while it is current. Returns false, with a note, where the images have no such
  // clusters: too few of them may be connected in the graph.
  bool make(ClusterStage stage, int heads = 1);

 private:
  std::vector<int64_t> find_clusters(ClusterStage stage, uint64_t seed, const Observer& observer);
  InformationHeadOptions head_options(ClusterStage stage, int64_t images, uint64_t seed) const;
  const std::vector<std::vector<int64_t>>& partitions(uint64_t seed, const Observer& observer);

  const RunDirectory& run_;
  const Subject& subject_;
  const RunMetric& metric_;
  const int clusters_;
  const Environment& environment_;
  const std::vector<int64_t> earlier_;
  // Into communities, by seed: of several stages. None where there are fewer than `clusters`.
  std::map<uint64_t, std::vector<std::vector<int64_t>>> partitions_;
};

}  // namespace nolabel
