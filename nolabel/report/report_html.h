// The report: one HTML file that needs nothing else and opens from disk.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "nolabel/report/report_data.h"

namespace nolabel {

// The file's text, at most data.max_bytes long. Texts of the data (file names, labels, settings)
// are shown, never run: they travel as JSON, the script puts them into the page as text, and the
// page's content security policy allows no script but its own. Throws Error(Fault::data) when what
// must be shown (names of clusters, settings) alone is longer.
std::string report_html(const ReportData& data);

// The data (page_data.h) of a text that report_html() made; nothing where the text is another.
std::optional<nlohmann::json> page_of_report(std::string_view html);

// The page of a server, on which a person edits the clusters: a report, into which each state of
// the editor is put. The list of images is not bounded by max_bytes.
class LivePage {
 public:
  explicit LivePage(nlohmann::json page) : page_(std::move(page)) {}
  std::string html(const ReportEditor& editor) const;

 private:
  nlohmann::json page_;
};

}  // namespace nolabel
