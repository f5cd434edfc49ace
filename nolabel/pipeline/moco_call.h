// Imports a pretext model (MoCo v2, or the weights of another network) and mines its neighbor
// tables, as one call.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nolabel/pipeline/mine_call.h"

namespace nolabel {

struct MocoRequest {
  RunRequest run;
  std::string file;     // empty: the run's pretext model, else the published file, downloaded
  int image_size = 0;   // side of the views in pixels; 0: what the backbone was trained on
  MineSettings mining;  // published: 50 neighbors
  ViewSettings views;   // of it the evaluation views
  MocoRequest() { mining.neighbors = published_moco_neighbors; }
};
void declare(SettingTables& tables, MocoRequest& request);

struct MocoOutcome {
  std::filesystem::path model;
  MineOutcome mined;
};
nlohmann::json moco_json(const MocoOutcome& outcome);

// Throws Error: usage (settings; the run has another pretext model, without force), data (no
// weights of a known network), system, stopped.
MocoOutcome moco(SettingTables& tables, MocoRequest& request, const Observer& observer);

}  // namespace nolabel
