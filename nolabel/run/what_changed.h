// What differs between two provenances, in the words of somebody who types commands.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace nolabel {

// What a file was made from, as its sidecar has it, or what it would be made from now.
struct MadeFrom {
  nlohmann::json provenance;                        // Provenance::json()
  nlohmann::json names = nlohmann::json::object();  // Provenance::names
};

// "num_classes was 10, is 8; the backbone was the starter, is moco_v2.pth; the images changed:
// 3 new, 1 gone: x.jpg". Never a hash: an input whose name is the same "has changed".
// `data_change` says what is new or gone among the images, where that is known (image_list.h).
std::string what_changed(const MadeFrom& was, const MadeFrom& is, const std::string& data_change);

// The keys that differ, as JSON pointers: "/settings/epochs".
std::vector<std::string> changed_keys(const nlohmann::json& was, const nlohmann::json& is);

}  // namespace nolabel
