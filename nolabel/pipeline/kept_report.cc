#include "nolabel/pipeline/kept_report.h"

#include <set>
#include <string_view>

#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/version.h"
#include "nolabel/report/assets.h"
#include "nolabel/report/report_html.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

void add(Sha256& hash, std::string_view text) {
  hash.update(std::to_string(text.size()) + ":");
  hash.update(text);
}

std::set<fs::path> small_files(const fs::path& run) {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(run)) {
    const fs::path extension = entry.path().extension();
    const bool small = extension == ".json" || extension == ".jsonl" || extension == ".csv";
    if (small && entry.is_regular_file()) files.insert(entry.path());
  }
  return files;
}

}  // namespace

std::string report_hash(const fs::path& run, const Subject& subject) {
  Sha256 hash;
  add(hash, version);
  for (const std::string_view asset : {kPageHtml, kStyleCss, kScriptJs}) add(hash, asset);
  add(hash, subject.data_fingerprint);
  add(hash, subject.backbone_hash);
  add(hash, subject.folder.native());
  for (const std::string& name : subject.given.names) add(hash, name);
  for (const fs::path& file : small_files(run)) {
    add(hash, file.lexically_relative(run).native());
    add(hash, read_file(file));
  }
  return hash.hex();
}

std::optional<KeptReport> kept_report(const fs::path& run, const Subject& subject) {
  const fs::path report = run / "report.html", assignments = run / "assignments.csv";
  if (!fs::exists(report) || !fs::exists(assignments)) return std::nullopt;
  std::optional<nlohmann::json> page = page_of_report(read_file(report));
  if (!page || page->value("made_from", "") != report_hash(run, subject)) return std::nullopt;
  return KeptReport{std::move(*page), read_assignments(assignments)};
}

}  // namespace nolabel
