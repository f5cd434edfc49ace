// Clusters that a run had and that no cluster continued when the run was clustered again, by image
// content: ended.csv. When a later clustering finds such a cluster again, it is the same one, with
// the id that a person's edits name.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "nolabel/data/duplicates.h"
#include "nolabel/edits/cluster_identity.h"
#include "nolabel/pipeline/found_clusters.h"

namespace nolabel {

using EndedClusters = std::map<int, std::vector<ContentId>>;  // images by id

// ended.csv: "content,cluster"; an image may be in several. Empty without such a file. Throws
// Error(Fault::data) when it is not as written.
EndedClusters read_ended_clusters(const std::filesystem::path& run);
void write_ended_clusters(const std::filesystem::path& run, const EndedClusters& ended);

// Gives the columns of new clusters the ids of ended ones that they are: more than half of one of
// the two is in both, counting images that are still there. The pairs with most images in common
// come first. Ids of `taken` are not given.
//   is_new [C] whether a column continues no present cluster
//   columns, contents [N] of the images
// Returns [C] an id, -1: none.
std::vector<int> returned_ids(const EndedClusters& ended, const std::vector<bool>& is_new,
                              const std::vector<int64_t>& columns,
                              const std::vector<ContentId>& contents, const std::set<int>& taken);

// `ended` after a clustering: with the clusters of `found` that are not among the identities, and
// without those that are.
EndedClusters ended_after(EndedClusters ended, const FoundClusters& found,
                          const std::vector<ClusterIdentity>& identities);

}  // namespace nolabel
