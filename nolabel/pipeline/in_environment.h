// What a training takes from the environment of its call.
#pragma once

#include "nolabel/run/environment.h"
#include "nolabel/train/settings.h"

namespace nolabel {

// With the seed, and with what is said of the device.
TrainSettings in_environment(TrainSettings settings, const Environment& environment);

}  // namespace nolabel
