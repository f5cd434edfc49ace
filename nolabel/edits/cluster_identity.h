// What makes a cluster the same cluster for a person while images and names change.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace nolabel {

// Files with a larger number are refused, so that further ids always fit into an int.
inline constexpr int largest_cluster_id = 1'000'000'000;

struct ClusterIdentity {
  int id = 0;          // shown to people everywhere; a run never uses it for another cluster
  std::string name;    // may be empty
  std::string origin;  // where it came from: "found by nolabel", "split from cluster 2"
  bool operator==(const ClusterIdentity&) const = default;
};

// As nolabel finds it, without a name.
ClusterIdentity found_cluster(int id);

// [{"id": 3, "name": "cats", "origin": "found by nolabel"}, …]
nlohmann::json identities_json(const std::vector<ClusterIdentity>& identities);
// Throws Error(Fault::data), naming `file`, when the value is not what identities_json() makes.
std::vector<ClusterIdentity> identities_from_json(const nlohmann::json& json,
                                                  const std::filesystem::path& file);

// Above every id in the list.
int next_free_id(const std::vector<ClusterIdentity>& identities);
// Where the cluster stands in the list; nothing when it is not there.
std::optional<size_t> index_of(const std::vector<ClusterIdentity>& identities, int id);

std::string cluster_title(const ClusterIdentity& identity);  // "cats" or "cluster 3"
// A name for the folder of the cluster that no other one of `all` has: "cats", "cats (7)" where two
// have this name, "3" without a name. What cannot stand in a folder's name becomes a hyphen.
std::string cluster_folder(const ClusterIdentity& identity,
                           const std::vector<ClusterIdentity>& all);
std::string cluster_list(const std::vector<int>& ids);  // "clusters 1, 4 and 7"
std::string image_count(size_t images);                 // "1 image", "5 images"

}  // namespace nolabel
