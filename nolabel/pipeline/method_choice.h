// Which of several ways of grouping the same images a run keeps, decided without labels.
#pragma once

#include <string>
#include <vector>

#include "nolabel/pipeline/run_clusterings.h"

namespace nolabel {

// How `cluster` groups the images.
enum class Method {
  automatic,  // all of the following, of which choose_stage() keeps one
  kmeans,
  consensus,
  communities,
  scan,
  selflabel,
};

const char* method_name(Method method);  // "auto", "kmeans" …

// The stages that `method` needs, in the order in which they run. On a backbone that trains
// (`frozen` false) there are only SCAN and self-labelling: throws Error(Fault::usage) for others.
std::vector<ClusterStage> stages_of(Method method, bool frozen);
// Its own stage; nothing for automatic.
std::optional<ClusterStage> stage_of(Method method);

struct Choice {
  ClusterStage stage;
  std::string reason;  // a sentence for people
};

// Of the clusterings by `stages` (whose models the run has) and k-means on the same features, the
// one whose clusters tell the most about the clusters of neighbors: the mutual information
// (cluster/information_loss.h) on the neighbors in the metric, with a credit of 1 % for the
// consensus. A clustering that leaves a cluster without images is taken only where all do. The
// training images decide.
Choice choose_stage(const RunDirectory& run, const Subject& subject,
                    const Matrix<int64_t>& metric_neighbors,
                    const std::vector<ClusterStage>& stages, int clusters,
                    const Environment& environment);

}  // namespace nolabel
