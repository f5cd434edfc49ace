// The clusters of a run after a person's edits: what nolabel found, and then each document of the
// log in order.
//
// The ids in a document are those before it. Its parts are applied in this order:
//   merge  The clusters become one, which keeps the id that stands first and has the name of the
//          first of them that has one. Move and names of the same document may still say another of
//          these ids; they mean the merged cluster. A name that the document gives counts before
//          the earlier ones, and the name for the id that stays before all.
//   split  The images that prepare() chose leave the cluster for new ones, if they are still in it.
//   move   The images go to the cluster, are fixed there, and are neither junk nor kept.
//   junk   The images stay in their cluster but count for nothing; they are not kept.
//   keep   The images are not junk, and kept.
//   names
// An image is whatever has the content that the path had: copies go together, and a rename changes
// nothing.
#pragma once

#include <string>
#include <vector>

#include "nolabel/edits/cluster_identity.h"
#include "nolabel/edits/edit_log.h"

namespace nolabel {

struct EditedClusters {
  std::vector<ClusterIdentity> identities;  // as found, without merged ones, then the made ones
  std::vector<int> cluster_of;              // [N] id of each image
  std::vector<bool> fixed;                  // [N] a person put the image there
  std::vector<bool> junk;                   // [N]
  std::vector<bool> kept;                   // [N] a person said that the image is fine where it is
  int next_id = 0;                          // neither found nor in the log, and none above it is
  // What could not be applied because the run was clustered again, as sentences for people.
  std::vector<std::string> skipped = {};
  bool operator==(const EditedClusters&) const = default;
};

// found: the clusters that nolabel found. cluster_of [N]: their ids. contents [N]: of the images.
EditedClusters replay(const std::vector<ClusterIdentity>& found, const std::vector<int>& cluster_of,
                      const std::vector<ContentId>& contents, const std::vector<AppliedEdits>& log);

}  // namespace nolabel
