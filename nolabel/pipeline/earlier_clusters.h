// Clusters keep their numbers when a run is clustered again: each new cluster takes the number of
// the earlier cluster that it shares most images with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nolabel/data/duplicates.h"
#include "nolabel/edits/cluster_identity.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Which of found_identities() (found_clusters.h) each image belonged to before, by its content in
// found.csv, -1: none. Runs of older versions have no found.csv: then by its name in
// assignments.csv. Empty when the run has neither, or one that cannot be read, which the observer
// is told. Call this before anything changes the run's state.
//   names, contents  [N]
std::vector<int64_t> earlier_clusters(const RunDirectory& run,
                                      const std::vector<std::string>& names,
                                      const std::vector<ContentId>& contents,
                                      const Environment& environment);

// The earlier cluster that each of `clusters` new ones continues, -1: none. Matched so that as many
// images as possible stay in a cluster that continues theirs (Hungarian method). A cluster
// continues another only if more than half of one of the two is in both.
//   earlier  [N], -1: unknown; or empty
//   now      [N], in 0..clusters-1
std::vector<int64_t> continued_clusters(const std::vector<int64_t>& earlier,
                                        const std::vector<int64_t>& now, int clusters);

// [clusters] a number below `clusters` for each: what it continues, where that is one, and the free
// numbers in their order for the others. continued [clusters]: as above.
std::vector<int64_t> numbered_as(std::vector<int64_t> continued);

// `now` with other numbers: a cluster that continues an earlier one has its number where that is
// below `clusters`. The others take the free numbers in their order.
std::vector<int64_t> numbered_as_earlier(const std::vector<int64_t>& earlier,
                                         std::vector<int64_t> now, int clusters);

// What became of the earlier clusters, as a sentence for people. identities: of the new ones, of
// which those that continue an earlier one have its id, those that are back an id below `next_id`,
// and new ones an id from there on.
std::string continuation_text(const std::vector<ClusterIdentity>& earlier,
                              const std::vector<ClusterIdentity>& identities, int next_id);

// [count] for each cluster the share of the images in the group that it shares most images with.
// Each group is taken once; clusters that match none take what is left.
//   groups, clusters  [N], in 0..count-1
std::vector<float> matched_shares(const std::vector<int64_t>& groups,
                                  const std::vector<int64_t>& clusters, int count);

// [clusters] identities of new clusters: that of the earlier one that a cluster continues (an empty
// one continues an empty one), or a new one, whose id is `next_id` or above.
//   identities  of the earlier clusters
//   earlier     [N], the place in `identities`, -1: unknown; or empty
//   now         [N], in 0..clusters-1
std::vector<ClusterIdentity> continued_identities(const std::vector<ClusterIdentity>& identities,
                                                  const std::vector<int64_t>& earlier,
                                                  const std::vector<int64_t>& now, int clusters,
                                                  int next_id);

}  // namespace nolabel
