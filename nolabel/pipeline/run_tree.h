// Fewer and more groups than a run's clusters (cluster/merge_tree.h), for its report and tree.json.
#pragma once

#include <optional>

#include "nolabel/cluster/merge_tree.h"
#include "nolabel/pipeline/assigned_images.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// The tree of merges around the clusters of the given images, MergeTree::part [given]; leaves it in
// tree.json. Nothing, and no such file, where the run has no table of neighbors of these images or
// too many clusters. Throws Error(Fault::stopped) on request.
std::optional<MergeTree> write_merge_tree(const RunDirectory& run, const Subject& subject,
                                          const AssignedImages& given,
                                          const Environment& environment);

}  // namespace nolabel
