#include "nolabel/edits/cluster_identity.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "nolabel/base/format.h"
#include "nolabel/edits/json_file.h"

namespace nolabel {
namespace {

// Without what a file system or a shell may take for something else.
std::string folder_name(const std::string& name) {
  constexpr size_t longest = 100;  // bytes
  std::string folder;
  for (const char c : name) {
    const bool bad = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
                     std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
    folder += bad ? '-' : c;
  }
  if (folder.size() > longest) {
    size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(folder[end]) & 0xc0) == 0x80) --end;  // UTF-8
    folder.resize(end);
  }
  while (!folder.empty() && (folder.back() == '.' || folder.back() == ' ')) folder.pop_back();
  folder.erase(0, std::min(folder.find_first_not_of(". "), folder.size()));
  return folder;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

ClusterIdentity found_cluster(int id) {
  return {id, "", "found by nolabel"};
}

nlohmann::json identities_json(const std::vector<ClusterIdentity>& identities) {
  nlohmann::json list = nlohmann::json::array();
  for (const ClusterIdentity& identity : identities) {
    list.push_back({{"id", identity.id}, {"name", identity.name}, {"origin", identity.origin}});
  }
  return list;
}

std::vector<ClusterIdentity> identities_from_json(const nlohmann::json& json,
                                                  const std::filesystem::path& file) {
  constexpr std::string_view wanted =
      "the clusters as a list of objects with id, name and origin, each id once";
  const JsonFile reader(file, Fault::data);
  std::vector<ClusterIdentity> identities;
  std::set<int> ids;
  for (const nlohmann::json& entry : reader.list(json, wanted)) {
    reader.object(entry, {"id", "name", "origin"}, JsonFile::Keys::all, wanted);
    identities.push_back({reader.number(entry["id"], 0, largest_cluster_id, wanted),
                          reader.text(entry["name"], wanted),
                          reader.text(entry["origin"], wanted)});
    reader.require(ids.insert(identities.back().id).second, wanted, entry);
  }
  return identities;
}

int next_free_id(const std::vector<ClusterIdentity>& identities) {
  int next = 0;
  for (const ClusterIdentity& identity : identities) next = std::max(next, identity.id + 1);
  return next;
}

std::optional<size_t> index_of(const std::vector<ClusterIdentity>& identities, int id) {
  const auto found = std::ranges::find(identities, id, &ClusterIdentity::id);
  if (found == identities.end()) return std::nullopt;
  return static_cast<size_t>(found - identities.begin());
}

std::string cluster_title(const ClusterIdentity& identity) {
  return identity.name.empty() ? format("cluster {}", identity.id) : identity.name;
}

std::string cluster_list(const std::vector<int>& ids) {
  std::string text = ids.size() == 1 ? "cluster" : "clusters";
  for (size_t i = 0; i < ids.size(); ++i) {
    const char* const before = i == 0 ? "" : i + 1 == ids.size() ? " and" : ",";
    text += format("{} {}", before, ids[i]);
  }
  return text;
}

std::string image_count(size_t images) {
  return format("{} image{}", images, images == 1 ? "" : "s");
}

std::string cluster_folder(const ClusterIdentity& identity,
                           const std::vector<ClusterIdentity>& all) {
  const std::string own = folder_name(identity.name);
  if (own.empty()) return std::to_string(identity.id);
  const auto same = std::ranges::count_if(all, [&own](const ClusterIdentity& other) {
    // Some file systems take upper and lower case for the same.
    return lower_case(folder_name(other.name)) == lower_case(own);
  });
  const bool is_number = own.find_first_not_of("0123456789") == own.npos;
  return same > 1 || is_number ? format("{} ({})", own, identity.id) : own;
}

}  // namespace nolabel
