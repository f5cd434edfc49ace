// The report: one HTML file that needs nothing else and opens from disk.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "nolabel/report/report_data.h"

namespace nolabel {

// The file's text, at most data.max_bytes long. Texts of the data (file names, labels, settings)
// are shown, never run: they travel as JSON, the script puts them into the page as text, and the
// page's content security policy allows no script but its own. Throws Error(Fault::data) when what
// must be shown (names of clusters, settings) alone is longer.
std::string report_html(const ReportData& data);

// The page of a server, on which a person edits the clusters: what it shows of them is drawn once,
// and each state of the editor is put into it. The list of images is not bounded by max_bytes.
class LivePage {
 public:
  explicit LivePage(ReportData data);
  std::string html(const ReportEditor& editor) const;

 private:
  std::string title_;
  nlohmann::json page_;
};

}  // namespace nolabel
