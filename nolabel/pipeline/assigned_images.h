// What a run says of each of its images: the probabilities of the clusters by the chosen model, and
// how far to rely on them (evaluate/image_status.h).
#pragma once

#include <optional>
#include <vector>

#include "nolabel/evaluate/image_status.h"
#include "nolabel/pipeline/run_clusterings.h"

namespace nolabel {

struct AssignedImages {
  Matrix<float> probabilities;        // [N,C]
  std::vector<ImageStatus> statuses;  // [N]
};

struct RunAssignments {
  AssignedImages given;  // all training images: near-duplicates have the row of another
  std::optional<AssignedImages> validation;
};

// Where the chosen model is `edited`, each given image is in the cluster that the person's edits
// put it in, whatever the model says of it, and junk has this status.
//
// By the first clustering of `clustered`. An image is unsure where more speaks against its cluster
// than for it (cluster_doubts(), by the run's other models), where it is far from its neighbors
// (stand_out()), or where it shows nothing. Doubts and distances need the run's tables of neighbors
// of these images.
RunAssignments assigned_images(const RunDirectory& run, const Subject& subject,
                               const ClusteredRun& clustered, const Environment& environment);

}  // namespace nolabel
