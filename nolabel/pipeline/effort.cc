#include "nolabel/pipeline/effort.h"

#include <algorithm>

namespace nolabel {
namespace {

// Epochs that give about `steps` optimizer steps, because a handful of photos makes short epochs.
int epochs_for(int64_t steps, int64_t images, int batch_size, int at_least) {
  const int64_t per_epoch = std::max<int64_t>(1, images / batch_size);
  return static_cast<int>(std::max<int64_t>(at_least, (steps + per_epoch - 1) / per_epoch));
}

// A linear head learns faster than a network: a ten times higher rate than the published one.
constexpr double head_learning_rate = 1e-3;

// Views that differ little from the plain one: stronger crops move the features of photos away from
// those of whole images. SCAN trains on the same views, because views of the published recipe would
// be embedded for it alone and bring it less than a point
// (bench/results/2026-11-26-averaged-views.json).
ViewSettings mild_views(int image_size) {
  ViewSettings views = published_scan(image_size).views;
  views.strategy = Strategy::standard;
  const float smallest = image_size <= 96 ? 0.4F : 0.8F;
  views.scale = {smallest, 1};
  return views;
}

// As many as keep the embedding in seconds for a thousand images. Views of 224 pixels cost some
// twenty times as much as small ones, and few of them are enough.
int cached_views_for(int64_t images, int image_size) {
  const bool small = image_size <= 96;
  const int64_t affordable = (small ? 100'000 : 10'000) / std::max<int64_t>(images, 1);
  return static_cast<int>(small ? std::clamp<int64_t>(affordable, 4, 8)
                                : std::clamp<int64_t>(affordable, 1, 3));
}

void train_heads_on_cached_features(ClusterSettings& settings, int64_t images, int image_size) {
  settings.averaging = settings.scan.views = settings.selflabel.views = mild_views(image_size);
  settings.averaged_views = settings.scan.cached_views = settings.selflabel.cached_views =
      cached_views_for(images, image_size);
  settings.scan.scan.head_only = settings.selflabel.selflabel.head_only = true;
  settings.mine.normalization = settings.scan.normalization = settings.selflabel.normalization =
      FeatureNormalization::center;
  settings.scan.start = ScanStart::consensus;
  settings.scan.size_prior = SizePrior::communities;
  settings.scan.train.optimizer.learning_rate = head_learning_rate;
  settings.scan.train.epochs = epochs_for(1000, images, settings.scan.train.batch_size, 10);
  settings.selflabel.train.epochs = epochs_for(500, images, settings.selflabel.train.batch_size, 5);
}

// Measured on 500 photos (docs/performance.md): 100 epochs make the features better, 500 make them
// worse than they were, and training the backbone with SCAN as well makes the clusters worse.
void tune_the_backbone(ClusterSettings& settings, int64_t images, int image_size) {
  constexpr int64_t views_that_fit_an_hour = 400'000;
  settings.pretext.train.batch_size = 128;
  settings.pretext.train.optimizer.learning_rate = 0.06;
  settings.pretext.train.schedule.warmup_epochs = 1;
  settings.pretext.train.epochs = static_cast<int>(
      std::clamp<int64_t>(views_that_fit_an_hour / std::max<int64_t>(images, 1), 10, 100));
  train_heads_on_cached_features(settings, images, image_size);
}

}  // namespace

const char* effort_name(Effort effort) {
  switch (effort) {
    case Effort::quick:
      return "quick";
    case Effort::standard:
      return "standard";
    case Effort::full:
      return "full";
  }
  return "";
}

std::optional<Effort> effort_named(const std::string& name) {
  for (const Effort effort : {Effort::quick, Effort::standard, Effort::full}) {
    if (name == effort_name(effort)) return effort;
  }
  return std::nullopt;
}

int neighbors_of_scan(int64_t images, int clusters) {
  const int64_t half_a_cluster = std::max<int64_t>(2, images / (2 * clusters));
  return static_cast<int>(std::min<int64_t>(20, half_a_cluster));
}

ClusterSettings effort_settings(Effort effort, int64_t images, int clusters, int image_size) {
  ClusterSettings settings{.pretext = published_pretext(image_size),
                           .averaging = {},
                           .mine = {},
                           .scan = published_scan(image_size),
                           .selflabel = published_selflabel(image_size)};
  settings.mine.normalization = settings.scan.normalization = settings.selflabel.normalization =
      FeatureNormalization::none;
  if (effort == Effort::quick) train_heads_on_cached_features(settings, images, image_size);
  if (effort == Effort::standard) tune_the_backbone(settings, images, image_size);
  if (effort != Effort::full) {
    // One batch of all images, where they are few, is what training does with a larger one, too.
    for (TrainSettings* train : {&settings.scan.train, &settings.selflabel.train}) {
      train->batch_size = static_cast<int>(std::min<int64_t>(train->batch_size, images));
    }
    settings.scan.scan.neighbors = neighbors_of_scan(images, clusters);
    // The metric and the graph take more of them than SCAN.
    settings.mine.neighbors = static_cast<int>(std::min<int64_t>(20, images - 1));
  }
  return settings;
}

ClusterSettings effort_settings(Effort effort, int64_t images, int clusters, int image_size,
                                const NormalizeSettings& normalize, const MineSettings& search) {
  ClusterSettings settings = effort_settings(effort, images, clusters, image_size);
  MineSettings mine = search;
  mine.neighbors = settings.mine.neighbors;
  mine.validation_neighbors = settings.mine.validation_neighbors;
  mine.normalization = settings.mine.normalization;
  settings.mine = mine;
  for (ViewSettings* views : {&settings.pretext.views, &settings.averaging, &settings.scan.views,
                              &settings.selflabel.views}) {
    views->normalize = views->evaluation_normalize = normalize;
  }
  return settings;
}

}  // namespace nolabel
