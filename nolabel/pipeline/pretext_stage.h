// Stage 1: a backbone trained by SimCLR on the run's images.
#pragma once

#include <optional>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Trains and leaves pretext/model.pth.tar (kept if it is current): `network`, a contrastive model
// settled for the size of the views, from random weights, or `start` from its own, whatever
// `network` says. Returns true when it trained.
bool run_pretext(const RunDirectory& run, const RunImages& images, const ModelSettings& network,
                 const PretextSettings& settings, const std::optional<Backbone>& start,
                 const Environment& environment);

}  // namespace nolabel
