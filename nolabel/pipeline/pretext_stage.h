// The stage simclr: trains a backbone with SimCLR on the run's images.
#pragma once

#include <optional>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Trains and writes pretext/model.pth.tar; keeps a model that is current. Without `start`, trains
// `network`, a contrastive model settled for the size of the views, from random weights. With
// `start`, trains that model from its own weights and ignores `network`. Returns true when it
// trained.
bool run_pretext(const RunDirectory& run, const RunImages& images, const ModelSettings& network,
                 const PretextSettings& settings, const std::optional<Backbone>& start,
                 const Environment& environment);

}  // namespace nolabel
