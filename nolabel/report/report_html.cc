#include "nolabel/report/report_html.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/report/assets.h"
#include "nolabel/report/base64.h"
#include "nolabel/report/editor_data.h"
#include "nolabel/report/page_data.h"

namespace nolabel {
namespace {

// For the lists of pictures per cluster, the policy's hashes and whatever else is not counted
// piece by piece.
constexpr int64_t kSlack = 100'000;
constexpr int64_t kSlackPerCluster = 32;  // "most":[],"least":[] and a prototype's number

// Only a page with a server behind it may make requests, and only to that server.
constexpr std::string_view kConnect = " connect-src 'self';";

std::string escaped_html(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// As a content security policy names an inline script or style: 'sha256-<base64>'.
std::string policy_hash(std::string_view content) {
  const std::string hex = sha256(content);
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return "'sha256-" + base64(bytes) + "'";
}

// Replaces {{name}}s in one pass, so that nothing inserted is looked at again.
std::string filled(std::string_view page,
                   const std::vector<std::pair<std::string_view, std::string_view>>& values) {
  std::string result;
  while (!page.empty()) {
    const size_t open = page.find("{{"), close = page.find("}}", open);
    if (close == std::string_view::npos) break;
    result += page.substr(0, open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    const auto value = std::ranges::find(values, name, [](const auto& v) { return v.first; });
    NOLABEL_ASSERT(value != values.end());
    result += value->second;
    page.remove_prefix(close + 2);
  }
  return result.append(page);
}

// `live`: a server stands behind the page.
std::string page_html(const std::string& title, const nlohmann::json& data, bool live) {
  return filled(kPageHtml, {{"title", escaped_html(title)},
                            {"script_hash", policy_hash(kScriptJs)},
                            {"connect", live ? kConnect : ""},
                            {"style_hash", policy_hash(kStyleCss)},
                            {"style", kStyleCss},
                            {"script", kScriptJs},
                            {"data", script_json(data)}});
}

nlohmann::json report_json(const ReportData& data) {
  NOLABEL_ASSERT(data.names.size() == data.assignments.size());
  NOLABEL_ASSERT(data.labels.empty() || data.labels.size() == data.names.size());
  const auto own = static_cast<int64_t>(kPageHtml.size() + kStyleCss.size() + kScriptJs.size());
  Budget budget(data.max_bytes - own - kSlack - kSlackPerCluster * data.cluster_count);
  return page_data(data, budget);
}

}  // namespace

std::optional<nlohmann::json> page_of_report(std::string_view html) {
  const size_t mark = kPageHtml.find("{{data}}");
  const size_t line = kPageHtml.rfind('\n', mark) + 1;
  const std::string_view before = kPageHtml.substr(line, mark - line);  // <script …>
  const size_t found = html.find(before);
  if (found == html.npos) return std::nullopt;
  const size_t begin = found + before.size(), end = html.find("</script>", begin);
  if (end == html.npos) return std::nullopt;
  nlohmann::json page = nlohmann::json::parse(html.substr(begin, end - begin), nullptr, false);
  return page.is_object() ? std::optional(std::move(page)) : std::nullopt;
}

std::string LivePage::html(const ReportEditor& editor) const {
  NOLABEL_ASSERT(editor.live);
  nlohmann::json page = page_;
  page["editor"] = editor_json(editor);
  return page_html(page.value("title", ""), page, true);
}

std::string report_html(const ReportData& data) {
  std::string page = page_html(data.title, report_json(data), data.editor && data.editor->live);
  if (static_cast<int64_t>(page.size()) > data.max_bytes) {
    fail_data(
        "a report of at most {} bytes is required. Received {} bytes without any picture: "
        "too many clusters or settings.",
        data.max_bytes, page.size());
  }
  return page;
}

}  // namespace nolabel
