#include "nolabel/edits/edits_file.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "nolabel/base/path_text.h"
#include "nolabel/edits/cluster_identity.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr size_t largest_document = size_t{64} << 20;
constexpr size_t longest_name = 200;  // bytes
constexpr int most_parts = 1000;

// A key of an object: "3", and not "03", which would be the same cluster a second time.
int cluster_of_key(const std::string& key, const JsonFile& file) {
  int id = -1;
  std::from_chars(key.data(), key.data() + key.size(), id);
  if (id < 0 || id > largest_cluster_id || std::to_string(id) != key) {
    file.refuse("names by the number of the cluster", shown_text(key));
  }
  return id;
}

void read_names(const json& names, Edits& edits, const JsonFile& file) {
  constexpr std::string_view wanted = "names as an object of texts by cluster";
  file.require(names.is_object(), wanted, names);
  for (const auto& [key, name] : names.items()) {
    const std::string text = file.text(name, wanted);
    if (text.size() > longest_name) {
      file.refuse(format("names of at most {} bytes", longest_name), shown_text(text));
    }
    if (has_control_characters(text)) {
      file.refuse("names without control characters", shown_text(text));
    }
    edits.names[cluster_of_key(key, file)] = text;
  }
}

void read_merge(const json& merge, Edits& edits, const JsonFile& file) {
  constexpr std::string_view wanted = "merge as lists of two or more clusters";
  std::set<int> seen;
  for (const json& list : file.list(merge, wanted)) {
    file.require(file.list(list, wanted).size() >= 2, wanted, list);
    std::vector<int> group;
    for (const json& id : list) {
      group.push_back(file.number(id, 0, largest_cluster_id, wanted));
      file.require(seen.insert(group.back()).second, "each cluster once in merge", list);
    }
    edits.merge.push_back(group);
  }
  std::ranges::sort(edits.merge);
}

void read_split(const json& split, Edits& edits, const JsonFile& file) {
  constexpr std::string_view wanted =
      "split as a list of objects with cluster and into, each cluster once";
  const std::string wanted_parts = format("into as a whole number from 2 to {}", most_parts);
  for (const json& entry : file.list(split, wanted)) {
    file.object(entry, {"cluster", "into"}, JsonFile::Keys::all, wanted);
    const int cluster = file.number(entry["cluster"], 0, largest_cluster_id, wanted);
    const int into = file.number(entry["into"], 2, most_parts, wanted_parts);
    file.require(edits.split.emplace(cluster, into).second, wanted, entry);
  }
}

void read_move(const json& move, Edits& edits, const JsonFile& file) {
  constexpr std::string_view wanted = "move as a list of objects with path and to";
  for (const json& entry : file.list(move, wanted)) {
    file.object(entry, {"path", "to"}, JsonFile::Keys::all, wanted);
    const int to = file.number(entry["to"], 0, largest_cluster_id, wanted);
    const auto [place, first] = edits.move.emplace(file.path(entry["path"], wanted), to);
    if (place->second != to) {
      file.refuse("one cluster for each path in move",
                  format("{} to {} and to {}", shown_text(place->first), place->second, to));
    }
  }
}

std::set<std::string> read_paths(const json& list, std::string_view wanted, const JsonFile& file) {
  std::set<std::string> paths;
  for (const json& path : file.list(list, wanted)) paths.insert(file.path(path, wanted));
  return paths;
}

void refuse_contradictions(const Edits& edits, const JsonFile& file) {
  for (const std::vector<int>& group : edits.merge) {
    for (const int id : group) {
      if (!edits.split.contains(id)) continue;
      file.refuse("a cluster either in merge or in split", format("cluster {} in both", id));
    }
  }
  for (const std::string& path : edits.junk) {
    if (edits.keep.contains(path)) {
      file.refuse("a path either in junk or in keep", shown_text(path) + " in both");
    }
    if (edits.move.contains(path)) {
      file.refuse("a path either in junk or in move", shown_text(path) + " in both");
    }
  }
}

}  // namespace

bool is_empty(const Edits& edits) {
  return edits == Edits{};
}

std::set<std::string> paths_of(const Edits& edits) {
  std::set<std::string> paths = edits.junk;
  paths.insert(edits.keep.begin(), edits.keep.end());
  for (const auto& [path, to] : edits.move) paths.insert(path);
  return paths;
}

Edits parse_edits(std::string_view text, const std::filesystem::path& path) {
  if (text.size() > largest_document) {
    fail_usage("{} must be at most {} bytes. It has {}.", path.string(), largest_document,
               text.size());
  }
  const JsonFile file(path, Fault::usage);
  return edits_from_json(file.parse(text), file);
}

Edits edits_from_json(const json& json, const JsonFile& file) {
  file.object(json, {"names", "merge", "split", "move", "junk", "keep"}, JsonFile::Keys::some,
              "only the keys names, merge, split, move, junk and keep");
  Edits edits;
  if (json.contains("names")) read_names(json["names"], edits, file);
  if (json.contains("merge")) read_merge(json["merge"], edits, file);
  if (json.contains("split")) read_split(json["split"], edits, file);
  if (json.contains("move")) read_move(json["move"], edits, file);
  if (json.contains("junk")) edits.junk = read_paths(json["junk"], "junk as a list of paths", file);
  if (json.contains("keep")) edits.keep = read_paths(json["keep"], "keep as a list of paths", file);
  refuse_contradictions(edits, file);
  return edits;
}

json edits_json(const Edits& edits) {
  json object = json::object();
  for (const auto& [id, name] : edits.names) object["names"][std::to_string(id)] = name;
  std::vector<std::vector<int>> merge = edits.merge;
  std::ranges::sort(merge);
  if (!merge.empty()) object["merge"] = merge;
  for (const auto& [cluster, into] : edits.split) {
    object["split"].push_back({{"cluster", cluster}, {"into", into}});
  }
  for (const auto& [path, to] : edits.move) {
    object["move"].push_back({{"path", path_to_json(path)}, {"to", to}});
  }
  for (const std::string& path : edits.junk) object["junk"].push_back(path_to_json(path));
  for (const std::string& path : edits.keep) object["keep"].push_back(path_to_json(path));
  return object;
}

}  // namespace nolabel
