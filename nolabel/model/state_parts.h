// The parts of a network's weights, by the names that they have in files of weights: the backbone,
// the projection head of a pretext model, the cluster heads of a clustering model.
#pragma once

#include <optional>

#include "nolabel/model/model.h"
#include "nolabel/weights/state_dict.h"

namespace nolabel {

bool is_of_backbone(const NamedTensor& entry);
bool is_of_projection_head(const NamedTensor& entry);
bool is_of_cluster_head(const NamedTensor& entry);

// The entries of `state` that are of this part, in their order, sharing their memory.
StateDict part_of(const StateDict& state, bool (*is_of_part)(const NamedTensor&));

// How many cluster heads `state` holds: 0 in a pretext model or a backbone alone.
int cluster_head_count(const StateDict& state);
// C of its first cluster head, 0 where there is none.
int cluster_count(const StateDict& state);
// `state` with this cluster head, as its first, and no other. Everything but cluster heads stays.
StateDict with_one_cluster_head(const StateDict& state, int head);

struct ProjectionHead {
  HeadKind kind;
  int dimensions;  // E
};
std::optional<ProjectionHead> projection_head(const StateDict& state);

}  // namespace nolabel
