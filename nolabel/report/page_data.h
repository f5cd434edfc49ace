// ReportData as the JSON object that the page's script draws from.
//
//   title facts warnings clusters class_names
//   backbone_labels   text or null
//   folders_are_labels   true when the names of folders were taken as labels
//   skipped    {count, files [[name, reason]…]}   the first of them
//   methods    [{name, has_confidence, statistics…, labels: {ACC…}}]
//   validation_methods   the same on the validation images; empty without such images
//   cluster    [{name, images, confidence, histogram, most, least}]   pictures by number
//   pictures   [{name, cluster, confidence, runner_up, runner_up_confidence, label, uri, file}]
//              file: relative URL of the original
//   prototypes [picture or -1]
//   map        {x, y, cluster, confidence, name, sprite {uri, side, columns}}   or null
//   confusion  {classes, columns, cells [[row, column, share]…]}   or null
//   originals  relative URL of the folder of the originals without its last '/'; absent: none is
//              linked
//   editor     as editor_data.h says, or null
//   no_editor  why there is none, for people; absent: nothing is to be said
//   made_from  a hash of what the page was made from, or ""
//   curves, settings
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/report/budget.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

inline constexpr size_t kListedSkipped = 200;

// The text of a JSON value inside a <script> element: '<' is escaped, so that nothing in it can end
// the element; bytes that are not UTF-8 become U+FFFD.
std::string script_json(const nlohmann::json& value);

// Spends what it adds on `budget`. Pictures are added round by round (every cluster's best, every
// cluster's second best …) until it is spent, so that what is cut is the end of every gallery.
nlohmann::json page_data(const ReportData& data, Budget& budget);

}  // namespace nolabel
