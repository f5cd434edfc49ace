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
};

// Of the images' files, or of the rows of features that the user gives.
std::vector<ContentId> contents_of_given(const Subject& subject);
// [N] of the images that train.
std::vector<ContentId> contents_of_train(const Subject& subject);

// found.csv: "content,cluster". Nothing where the run has none. Throws Error(Fault::data) when it
// is not as written.
std::optional<FoundClusters> read_found_clusters(const std::filesystem::path& run);
void write_found_clusters(const std::filesystem::path& run, const FoundClusters& found);

// The identities of what nolabel found: without edits those of the chosen model.
const std::vector<ClusterIdentity>& found_identities(const RunState& state);

// What a person's edits make of the found clusters; nothing where no edits are in force. Throws as
// read_edit_log(), and Error(Fault::data) when found.csv is missing.
std::optional<EditedClusters> edited_clusters(const std::filesystem::path& run,
                                              const RunState& state);

// An id that no cluster of the run has had, as far as run.json and the log know.
int next_cluster_id(const RunState& state, const std::vector<AppliedEdits>& log);

}  // namespace nolabel
