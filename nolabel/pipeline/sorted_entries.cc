#include "nolabel/pipeline/sorted_entries.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/path_text.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int format_version = 1;

fs::path list_of(const fs::path& directory) {
  return directory / ".nolabel-sorted.json";
}

// A path inside the folder, in a folder of a cluster, which may be in one of a split: nothing else
// is ever removed.
bool is_inside(const fs::path& path) {
  const auto names = std::distance(path.begin(), path.end());
  return path.is_relative() && path == path.lexically_normal() && *path.begin() != ".." &&
         (names == 2 || names == 3);
}

SortedEntry entry_of(const json& value) {
  const bool copy = value.contains("copy");
  const json& content = value.at(copy ? "copy" : "link");
  if (copy) return {.copy = true, .content = content.get<std::string>()};
  return {.copy = false, .content = path_from_json(content.get<std::string>()).native()};
}

}  // namespace

bool is_unchanged(const fs::path& place, const SortedEntry& entry) {
  std::error_code error;  // what cannot be looked at is not as it was
  const fs::file_type type = fs::symlink_status(place, error).type();
  if (!entry.copy) {
    return type == fs::file_type::symlink && fs::read_symlink(place, error) == entry.content;
  }
  return type == fs::file_type::regular && file_hash(place) == entry.content;
}

SortedEntries read_sorted_entries(const fs::path& directory) {
  const fs::path file = list_of(directory);
  if (!fs::exists(file)) return {};
  SortedEntries entries;
  try {
    const json list = json::parse(read_file(file));
    if (list.at("format") != format_version) {
      fail_data("{} must have format {}. It has {}: a newer nolabel wrote it.", file.string(),
                format_version, list.at("format").dump());
    }
    for (const auto& [path, value] : list.at("files").items()) {
      const fs::path place = path_from_json(path);
      if (!is_inside(place)) {
        fail_data("{} must list paths such as 3/cat.jpg. Received {}.", file.string(), path);
      }
      entries[place] = entry_of(value);
    }
  } catch (const json::exception&) {
    fail_data(
        "{} must be the list that nolabel wrote of its links and copies. It is damaged: sort into "
        "another folder, or remove the list, and the links and copies stay.",
        file.string());
  }
  return entries;
}

void write_sorted_entries(const fs::path& directory, const SortedEntries& entries) {
  json files = json::object();
  for (const auto& [path, entry] : entries) {
    const std::string content = entry.copy ? entry.content : path_to_json(entry.content);
    files[path_to_json(path)] = {{entry.copy ? "copy" : "link", content}};
  }
  write_file(list_of(directory), json{{"format", format_version}, {"files", files}}.dump(1) + "\n");
}

}  // namespace nolabel
