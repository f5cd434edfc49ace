// Settings of a training that the environment of its call decides.
#pragma once

#include "nolabel/run/environment.h"
#include "nolabel/train/settings.h"

namespace nolabel {

// `settings` with the environment's seed and its cuda_graph.
TrainSettings in_environment(TrainSettings settings, const Environment& environment);

}  // namespace nolabel
