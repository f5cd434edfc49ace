// The report: one HTML file that needs nothing else and opens from disk.
#pragma once

#include <string>

#include "nolabel/report/report_data.h"

namespace nolabel {

// The file's text, at most data.max_bytes long. Texts of the data (file names, labels, settings)
// are shown, never run: they travel as JSON, the script puts them into the page as text, and the
// page's content security policy allows no script but its own. Throws Error(Fault::data) when what
// must be shown (names of clusters, settings) alone is longer.
std::string report_html(const ReportData& data);

}  // namespace nolabel
