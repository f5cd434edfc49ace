#include "nolabel/edits/cluster_identity.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "nolabel/base/format.h"
#include "nolabel/edits/json_file.h"

namespace nolabel {

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

}  // namespace nolabel
