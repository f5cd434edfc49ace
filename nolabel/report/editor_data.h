// ReportEditor as the JSON object that the page's editor works on.
//
//   live, can_undo, command, edits, revision
//   clusters   [{id, name, origin, images}]
//   images     {path, cluster, confidence, status, group, alike}: arrays of equal length, but
//              status is a text of one letter for each image, and alike may be null
//
// A path is as path_to_json() (base/path_text.h) writes it, so that different paths stay different.
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/report/report_data.h"

namespace nolabel {

nlohmann::json editor_json(const ReportEditor& editor);

}  // namespace nolabel
