// Stage 1: a backbone trained by SimCLR on the run's images.
#pragma once

#include <optional>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

struct PretextNetwork {
  BackboneSettings backbone;
  HeadKind head = HeadKind::mlp;
  int embedding_dimensions = 128;
};

// Trains and leaves pretext/model.pth.tar (kept if it is current). `start`: weights to start from,
// instead of random ones.
void run_pretext(RunDirectory& run, const RunImages& images, const PretextNetwork& network,
                 const PretextSettings& settings, const nlohmann::json& setting_values,
                 const std::optional<Backbone>& start, const Environment& environment);

}  // namespace nolabel
