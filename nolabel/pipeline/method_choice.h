// Which of several ways of grouping the same images a run keeps, decided without labels.
#pragma once

#include <string>
#include <vector>

#include "nolabel/pipeline/effort.h"
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
// `method` where the effort can have it, else automatic: where the backbone trains, there are only
// SCAN and self-labelling.
Method possible_method(Method method, Effort effort);
// Its own stage; nothing for automatic.
std::optional<ClusterStage> stage_of(Method method);

struct Choice {
  ClusterStage stage;
  std::string reason;  // a sentence for people
};

// Of the clusterings of the training images by these stages, and k-means beside them (stage kmeans,
// which leaves no model until it is made), the one whose clusters have the most information in
// common with those of neighbors in the metric (neighbor_information of the figures, which must be
// there), with a credit of 0.75 % for the consensus. Clusters without images do not count
// against a clustering: where one was asked for more clusters than the images have, the better
// groups leave some empty. Where `stages` has kmeans, its head counts instead of k-means itself.
Choice choose_stage(const ClusteredSplit& train, const std::vector<ClusterStage>& stages);

}  // namespace nolabel
