#include "cli/inspect_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/frame/terminal.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/record/json_text.h"

namespace nolabel::cli {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr const char* stages[] = {"pretext",     "metric", "kmeans",   "consensus",
                                  "communities", "scan",   "selflabel"};

// The last whole line of metrics.jsonl; a run that is being written may end in half a line.
std::optional<json> last_epoch(const fs::path& stage) {
  const fs::path path = stage / "metrics.jsonl";
  if (!fs::exists(path)) return std::nullopt;
  const std::string content = read_file(path);
  size_t end = content.rfind('\n');
  if (end == std::string::npos) return std::nullopt;
  const size_t before = end == 0 ? std::string::npos : content.rfind('\n', end - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  json line = json::parse(content.substr(begin, end - begin), nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) return std::nullopt;
  return line;
}

std::vector<fs::path> sorted_files(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (entry.is_regular_file() && !hidden) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

json list_files(const fs::path& directory, const CommandLine& line) {
  json list = json::array();
  for (const fs::path& file : sorted_files(directory)) {
    const auto bytes = static_cast<int64_t>(fs::file_size(file));
    line.print(format("  {}  {} bytes\n", file.filename().string(), grouped(bytes)));
    list.push_back({{"name", file.filename().string()}, {"bytes", bytes}});
  }
  return list;
}

json inspect_stage(const fs::path& stage, const CommandLine& line) {
  line.print(format("{}\n", stage.filename().string()));
  json result{{"files", list_files(stage, line)}};
  if (const auto epoch = last_epoch(stage)) {
    line.print(format("  last epoch: {}\n", json_text(*epoch)));
    result["last_epoch"] = *epoch;
  }
  return result;
}

}  // namespace

json inspect_run(const fs::path& directory, const CommandLine& line) {
  json result{{"kind", "run"}, {"stages", json::object()}};
  bool is_run = fs::exists(directory / "run.json");
  for (const char* stage : stages) is_run |= fs::exists(directory / stage);
  if (!is_run) {
    fail_usage("{} must be a run directory (with run.json or the folder of a stage in it).",
               directory.string());
  }
  if (fs::exists(directory / "run.json")) {
    json description = json::parse(read_file(directory / "run.json"), nullptr, false);
    if (!description.is_object()) fail_data("{} is damaged", (directory / "run.json").string());
    line.print(json_text(description, 2) + "\n");
    result["description"] = std::move(description);
  }
  result["files"] = list_files(directory, line);
  for (const char* stage : stages) {
    if (!fs::exists(directory / stage)) continue;
    result["stages"][stage] = inspect_stage(directory / stage, line);
  }
  return result;
}

}  // namespace nolabel::cli
