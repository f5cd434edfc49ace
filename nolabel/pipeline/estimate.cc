#include "nolabel/pipeline/estimate.h"

#include <algorithm>

#include "nolabel/cluster/information_head.h"
#include "nolabel/report/gallery.h"

namespace nolabel {
namespace {

// Forward, and two products of the same size backward.
constexpr double training_cost = 3;
// Of a silhouette's sample, and of the report's map.
constexpr double most_compared = 2000;
// Where the backbone trains, SCAN's model and the self-labelled one are compared before.
constexpr double compared_models = 2;
// For the table, and in two passes for the metric.
constexpr double searches = 3;

double steps_of(const TrainSettings& train, int64_t images) {
  return static_cast<double>(train.epochs) *
         static_cast<double>(std::max<int64_t>(1, images / train.batch_size));
}

double pairs_of(int64_t images) {
  const double compared = std::min(static_cast<double>(images), most_compared);
  return compared * compared;
}

bool has(const std::vector<ClusterStage>& stages, ClusterStage stage) {
  return std::ranges::find(stages, stage) != stages.end();
}

// Views that pass through the network.
double seconds_of_views(const EstimatedRun& run, const ClusterSettings& settings,
                        const ViewCosts& views) {
  const auto images = static_cast<double>(run.images);
  const auto validation = static_cast<double>(run.validation);
  const double pretext = run.trains_backbone ? 2.0 * settings.pretext.train.epochs : 0;
  double plain = images + validation - run.known_plain, drawn = 0, trained = pretext * images;
  if (settings.scan.scan.head_only) {
    // SCAN and self-labelling draw from the same.
    drawn = images * settings.averaged_views - run.known_drawn;
  } else {
    const double scan = settings.scan.train.epochs, selflabel = settings.selflabel.train.epochs;
    trained += (2 * scan + selflabel) * images;
    // Each epoch of SCAN is validated, self-labelling looks at plain views, and in the end both
    // models embed the images.
    plain += scan * (validation > 0 ? validation : images) + selflabel * images +
             2 * (images + validation);
  }
  return plain * views.plain + drawn * views.drawn +
         trained * (views.drawn + (training_cost - 1) * views.plain);
}

// The metric, and heads that begin with clusters found in it.
double seconds_of_groups(const std::vector<ClusterStage>& stages, int64_t images,
                         const FeatureCosts& costs) {
  const auto count = static_cast<double>(images);
  const auto heads = static_cast<double>(std::ranges::count_if(stages, is_group_stage));
  const double epochs = information_start_epochs(images, InformationHeadOptions{}.start_steps) +
                        information_epochs(images);
  return searches * count * count * costs.compared_pair +
         heads * count * (costs.grouped_image + epochs * costs.fitted_image);
}

// What works on features: heads where the backbone is frozen, figures, report.
double seconds_of_features(const std::vector<ClusterStage>& stages, const ClusterSettings& settings,
                           const EstimatedRun& run, const FeatureCosts& costs) {
  const int64_t images = run.images, validation = run.validation;
  const double scan = has(stages, ClusterStage::scan) ? settings.scan.train.epochs : 0;
  const double selflabel =
      has(stages, ClusterStage::selflabel) ? settings.selflabel.train.epochs : 0;
  const auto validated = static_cast<double>(validation > 0 ? validation : images);
  double seconds = (scan + selflabel) * costs.epoch + scan * validated * costs.validated_image;
  const bool frozen = settings.scan.scan.head_only;
  if (frozen) {
    seconds += seconds_of_groups(stages, images, costs);
    if (scan > 0) seconds += steps_of(settings.scan.train, images) * costs.scan_step;
    if (selflabel > 0) {
      seconds += steps_of(settings.selflabel.train, images) * costs.selflabel_step;
    }
  }
  const auto clusterings = static_cast<double>(stages.size()) + 1;  // k-means
  return seconds + static_cast<double>(images) * costs.clustered_image +
         ((clusterings + (frozen ? 0 : compared_models)) * pairs_of(images) +
          clusterings * pairs_of(validation)) *
             costs.silhouette_pair +
         pairs_of(images) * costs.mapped_pair +
         static_cast<double>(std::min(images, most_pictures(run.clusters))) * costs.pictured_image;
}

}  // namespace

double estimate_seconds(const EstimatedRun& run, const ClusterSettings& settings,
                        const ViewCosts& views, const FeatureCosts& features) {
  const std::vector<ClusterStage> stages = stages_of(run.method, settings.scan.scan.head_only);
  return seconds_of_views(run, settings, views) +
         seconds_of_features(stages, settings, run, features);
}

}  // namespace nolabel
