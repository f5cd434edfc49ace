#include "nolabel/data/own_folder.h"

#include <nlohmann/json.hpp>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/system_files.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr const char* run_text = "a run directory of nolabel: no photos to cluster\n";
constexpr const char* sorted_text = "photos that nolabel sorted into clusters\n";

bool present(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::optional<std::string> content(const fs::path& file) {
  // An own_folder_mark and a run.json are small. nolabel did not write a large file of that name.
  constexpr uintmax_t most_bytes = 1 << 20;
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > most_bytes) return {};
  try {
    return read_file(file);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// run.json names the data, or the features, and how they were used.
bool is_run_description(const fs::path& file) {
  const std::optional<std::string> text = content(file);
  if (!text) return false;
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return false;
  if (json.contains("data") && json["data"].is_array()) {
    return json.contains("labels") || json.contains("backbone_file") || json.contains("hold_out");
  }
  return json.contains("features") && json.contains("paths");
}

bool holds_stage(const fs::path& directory) {
  for (const char* stage : {"pretext", "kmeans", "consensus", "communities", "scan", "selflabel"}) {
    if (!present(directory / stage)) continue;
    for (const char* file : {"model.pth.tar", "checkpoint.pth.tar"}) {
      if (present(directory / stage / file)) return true;
    }
  }
  return false;
}

}  // namespace

void mark_own_folder(const fs::path& directory, OwnFolder what) {
  make_directory(directory);
  if (present(directory / own_folder_mark)) return;
  write_file(directory / own_folder_mark, what == OwnFolder::run ? run_text : sorted_text);
}

std::optional<OwnFolder> own_folder(const fs::path& directory) {
  if (present(directory / own_folder_mark)) {
    const std::optional<std::string> text = content(directory / own_folder_mark);
    return text == sorted_text ? OwnFolder::sorted : OwnFolder::run;
  }
  if (holds_stage(directory) || is_run_description(directory / "run.json")) return OwnFolder::run;
  return std::nullopt;
}

bool holds_only_own_folders(const fs::path& directory) {
  std::error_code error;
  bool found = false;
  for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
    if (is_system_name(i->path().filename().string())) continue;
    std::error_code ignored;
    if (i->is_symlink(ignored) || !i->is_directory(ignored)) return false;
    if (!is_own_folder(i->path()) && !holds_only_own_folders(i->path())) return false;
    found = true;
  }
  return found && !error;
}

}  // namespace nolabel
