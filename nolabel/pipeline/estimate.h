// How long a run will take, told before the long part of it starts.
//
// nolabel measures each cost now, on some of the run's own images and with the run's own code. It
// multiplies each cost by the number of times that the run pays it.
#pragma once

#include <filesystem>

#include "nolabel/data/dataset.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/images_ahead.h"
#include "nolabel/pipeline/method_choice.h"
#include "nolabel/run/environment.h"

namespace nolabel {

// Seconds for one view of an image: read from memory, made and embedded.
struct ViewCosts {
  double plain = 0;
  double drawn = 0;  // by the recipe of SCAN's training
};

// Seconds of the rest of a run, which works on features.
struct FeatureCosts {
  double scan_step = 0, selflabel_step = 0;  // heads on cached features, one batch
  double validated_image = 0;                // SCAN's validation of an epoch
  double epoch = 0;                          // the record of an epoch
  double clustered_image = 0;                // k-means
  double compared_pair = 0;                  // two images of a search for neighbors
  double grouped_image = 0;                  // a consensus
  double fitted_image = 0;                   // an epoch of a head of frozen features
  double silhouette_pair = 0;                // two images of a silhouette's sample
  double mapped_pair = 0;                    // two images of the report's map
  double pictured_image = 0;                 // an image in the report
};

// At most `count` images from all over the data set: neighbors in a folder may be alike.
Dataset some_of(const Dataset& images, int64_t count);

// Measured in about `seconds`, after a first pass that warms up, with the network of `model`, which
// takes plain views by `plain`. `views`: settings of SCAN's.
ViewCosts measure_views(Model& model, const ViewRecipe& plain, const ViewSettings& views,
                        const Dataset& images, double seconds, const Environment& environment);

// Measured in about half a second. Epochs are recorded in `directory`, which exists.
FeatureCosts measure_features(const Backbone& backbone, const ClusterSettings& settings,
                              int clusters, const ImagesAhead& images,
                              const std::filesystem::path& directory,
                              const Environment& environment);

// What a run does, as far as its time depends on it.
struct EstimatedRun {
  Method method = Method::automatic;
  bool trains_backbone = false;  // by SimCLR, before everything else
  int64_t images = 0;            // that train
  int64_t validation = 0;        // others; 0: the training images are validated on
  int clusters = 10;
  // Views whose features earlier runs have kept (feature_cache.h): plain ones of all images, and
  // drawn ones of those that train.
  double known_plain = 0, known_drawn = 0;
};

// Seconds from now to the end of such a run.
double estimate_seconds(const EstimatedRun& run, const ClusterSettings& settings,
                        const ViewCosts& views, const FeatureCosts& features);

}  // namespace nolabel
