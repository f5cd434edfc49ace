// What timm says of weights: config.json in the folder of the weights, as timm writes it and as the
// hub of Hugging Face has it.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "nolabel/model/recognise.h"

namespace nolabel {

// Whether timm wrote this config.json.
bool is_timm_config(const nlohmann::json& config);

// `config`: without nulls. The network's parameters that its weights do not tell follow from the
// name of the architecture and from global_pool, the views from pretrained_cfg, and whose labels
// took part in the training from its tag. `file` holds the config and is named in errors. Throws
// Error(Fault::data) for an architecture that nolabel does not have, and where the network or its
// views are changed as nolabel cannot do it; nlohmann::json::exception when a value is of another
// kind than timm writes.
Statements timm_statements(const nlohmann::json& config, const std::filesystem::path& file);

}  // namespace nolabel
