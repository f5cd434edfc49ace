// What a weights file is without any image: its network, strictly loaded.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace nolabel {

// "backbone" and its parameters by their names, "image_size" "features", and "clusters" or
// "projection"
// ("mlp 128", "linear 128", "none"). Every tensor is loaded into that network: Error(Fault::usage)
// lists what is missing, unexpected or wrongly shaped; other errors as read_model_weights().
nlohmann::json network_of(const std::filesystem::path& file);

// Writes backbone.* of one file and cluster_head.* of another to `out` as safetensors, with the
// metadata of the head's file: the same bytes as the clustering model had when it was one file.
// Throws Error(Fault::data) when one of them holds no such tensor.
void join_head(const std::filesystem::path& backbone, const std::filesystem::path& head,
               const std::filesystem::path& out);

}  // namespace nolabel
