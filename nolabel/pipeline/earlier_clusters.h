// Clusters keep their numbers when a run is clustered again: each new cluster takes the number of
// the earlier cluster that it shares most images with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// The cluster of each image in the run's assignments.csv, -1 for images that are not in the file.
// Empty when the run has no such file, or one that cannot be read, which the observer is told.
std::vector<int64_t> earlier_clusters(const RunDirectory& run,
                                      const std::vector<std::string>& names,
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

// What became of the earlier clusters, as a sentence for people. `continued` as above, by the
// numbers of `now` [N].
std::string continuation_text(const std::vector<int64_t>& continued,
                              const std::vector<int64_t>& earlier, const std::vector<int64_t>& now);

// [count] for each cluster the share of the images in the group that it shares most images with.
// Each group is taken once; clusters that match none take what is left.
//   groups, clusters  [N], in 0..count-1
std::vector<float> matched_shares(const std::vector<int64_t>& groups,
                                  const std::vector<int64_t>& clusters, int count);

// Names that a person gave to earlier clusters, by the numbers of the clusters that continue them.
std::map<int, std::string> continued_names(const std::map<int, std::string>& names,
                                           const std::vector<int64_t>& continued);

}  // namespace nolabel
