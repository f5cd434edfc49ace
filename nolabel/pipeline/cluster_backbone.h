// The backbone that `cluster` begins with, and how large its views of these images are.
#pragma once

#include "nolabel/data/dataset.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/cluster_run.h"

namespace nolabel {

// Full effort trains its own, unless a backbone was named.
bool begins_from_nothing(const ClusterRequest& request, Effort effort);

// The backbone that was named, or the starter, or an untrained one; its image_size is that of this
// run's views: as asked for, else as the backbone has it, else larger where that is better for
// these images. Errors as load_backbone().
Backbone first_backbone(const ClusterRequest& request, Effort effort, const Dataset& images);

// No image_size of first_backbone() is larger, whatever the images: pixels that are kept for this
// one serve smaller ones, too.
int largest_view(const ClusterRequest& request);

}  // namespace nolabel
