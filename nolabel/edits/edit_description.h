// The log of a run for people.
#pragma once

#include <string>
#include <vector>

#include "nolabel/edits/cluster_identity.h"
#include "nolabel/edits/edit_log.h"

namespace nolabel {

// One line for each thing that a person did. The first line of a document begins with its number,
// and its further lines are indented:
//   1. cluster 3 is named cats
//   2. clusters 1 and 4 are merged into cluster 1 'birds'
//      moved 5 images to cluster 2 (a.jpg, b.jpg, c.jpg …)
// identities: the clusters as they are now, for their names.
std::vector<std::string> describe_edits(const std::vector<AppliedEdits>& log,
                                        const std::vector<ClusterIdentity>& identities);

}  // namespace nolabel
