// The clusters that nolabel found in a run, by image content: found.csv. A person's edits are
// applied to them (edits/edited_clusters.h), and a later clustering of the run is matched with
// them, so that clusters keep their identities when images are renamed, added or grouped anew.
#pragma once

#include <optional>
#include <vector>

#include "nolabel/edits/edit_log.h"
#include "nolabel/edits/edited_clusters.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct FoundClusters {
  std::vector<ContentId> contents;  // [N] of the given images (Subject::given)
  std::vector<int> cluster_of;      // [N] ids
  // [N] the image that stands for it among near-duplicates: itself for most
  std::vector<int64_t> representative;
};

// Of row i of features that the user gives, as those of an image's file.
ContentId row_content(const Matrix<float>& features, int64_t i);
// Of the images' files, or of the rows of features that the user gives.
std::vector<ContentId> contents_of_given(const Subject& subject);
// [N] of the images that train.
std::vector<ContentId> contents_of_train(const Subject& subject);

// The same, of the given images by the ids of their clusters.
FoundClusters found_clusters(const Subject& subject, std::vector<int> cluster_of);

// The found clusters after these edits. Near-duplicates follow the image that stands for them,
// unless a person has moved them by themselves. Throws Error(Fault::data) when an image is in a
// cluster that is not among the identities.
EditedClusters edited_by(const FoundClusters& found, const std::vector<ClusterIdentity>& identities,
                         const std::vector<AppliedEdits>& log);

// found.csv: "content,cluster,representative" (a row, from 0). Nothing where the run has none.
// Throws Error(Fault::data) when it is not as written.
std::optional<FoundClusters> read_found_clusters(const std::filesystem::path& run);
void write_found_clusters(const std::filesystem::path& run, const FoundClusters& found);

// The identities of what nolabel found: without edits those of the chosen model.
const std::vector<ClusterIdentity>& found_identities(const RunState& state);

// What a person's edits make of the found clusters; nothing where no edits are in force. Throws as
// read_edit_log(), and Error(Fault::data) when found.csv is missing.
std::optional<EditedClusters> edited_clusters(const std::filesystem::path& run,
                                              const RunState& state);

// An id that no cluster of the run has had.
int next_cluster_id(const RunState& state, const std::vector<AppliedEdits>& log);

}  // namespace nolabel
