// Which of several ways of grouping the same images a run keeps, decided without labels.
#pragma once

#include <optional>
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
// The other way; nothing where no method has this name.
std::optional<Method> method_named(const std::string& name);

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
// there), with a credit of 0.75 % for the consensus. A clustering that leaves more than a tenth
// of the clusters without images is taken only where all do. Where `stages` has kmeans, its head
// counts instead of k-means itself.
Choice choose_stage(const ClusteredSplit& train, const std::vector<ClusterStage>& stages);

}  // namespace nolabel
