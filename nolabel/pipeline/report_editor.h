// What the page's editor shows of a run: its clusters as a person has corrected them so far.
#pragma once

#include <filesystem>
#include <optional>

#include "nolabel/edits/edited_clusters.h"
#include "nolabel/pipeline/assigned_images.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

// Without the images most alike, and not live. `assignments` and `statuses`: what the run says of
// its images.
ReportEditor report_editor(const std::filesystem::path& run, const Subject& subject,
                           const std::vector<Assignment>& assignments,
                           const std::vector<ImageStatus>& statuses, const EditedClusters& now,
                           const std::vector<AppliedEdits>& log);

// The editor of the report, which has no server behind it; nothing where the run's clusters cannot
// be edited (edited_stage.h). Up to some thousand images have those most alike, by the run's table
// of neighbors.
std::optional<ReportEditor> static_editor(const RunDirectory& run, const Subject& subject,
                                          const AssignedImages& given);

}  // namespace nolabel
