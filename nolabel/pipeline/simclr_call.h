// The pretext stage as one call: a backbone trained by SimCLR on unlabelled images.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "nolabel/model/settings.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/run_request.h"

namespace nolabel {

struct SimclrRequest {
  RunRequest run;
  int image_size = 32;  // side of the views in pixels
  std::string start;    // weights to train on from (a file, a run, a known name); empty: random
  NetworkSettings network;
  PretextSettings settings = published_pretext(32);
  MineSettings mining;  // of the tables that end a pretext by a published config
};
void declare(SettingTables& tables, SimclrRequest& request);

struct SimclrOutcome {
  std::filesystem::path model;
  bool trained = false;              // false: the model that was there is current
  int64_t images = 0;                // that were trained on
  std::optional<MineOutcome> mined;  // by a published config
};
nlohmann::json simclr_json(const SimclrOutcome& outcome);

// Trains what is missing, continues where an earlier call stopped, and keeps what is current.
// Throws Error: usage, data, system, stopped.
SimclrOutcome simclr(SettingTables& tables, SimclrRequest& request, const Observer& observer);

}  // namespace nolabel
