// How long a run will take, told before it starts.
#pragma once

#include <string>

#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/run/environment.h"

namespace nolabel {

// Plain views per second that this machine gets through the network without gradients, measured on
// one batch of noise (about a second).
double measure_forward_rate(const BackboneDescription& backbone, int image_size,
                            const Environment& environment);

// Seconds of network time for a whole run with these settings on `images` images: the views that
// pass forward, and those that train, which cost about three times as much.
double estimate_seconds(Effort effort, const ClusterSettings& settings, int64_t images,
                        double forward_views_per_second);

}  // namespace nolabel
