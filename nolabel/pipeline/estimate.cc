#include "nolabel/pipeline/estimate.h"

#include <algorithm>

namespace nolabel {
namespace {

// Forward, and two products of the same size backward.
constexpr double training_cost = 3;
// Of a silhouette's sample, and of the report's map.
constexpr double most_compared = 2000;
// SCAN, self-labelling and k-means; on the training images both models are compared before.
constexpr double clusterings = 3, compared_models = 2;
// Pictures of a report, however many images there are.
constexpr double most_pictures = 2000;

double steps_of(const TrainSettings& train, int64_t images) {
  return static_cast<double>(train.epochs) *
         static_cast<double>(std::max<int64_t>(1, images / train.batch_size));
}

double pairs_of(int64_t images) {
  const double compared = std::min(static_cast<double>(images), most_compared);
  return compared * compared;
}

// Views that pass through the network.
double seconds_of_views(Effort effort, const ClusterSettings& settings, double images,
                        double validation, const ViewCosts& views) {
  const double pretext = effort == Effort::quick ? 0 : 2.0 * settings.pretext.train.epochs;
  double plain = images + validation, drawn = 0, trained = pretext * images;
  if (settings.scan.cached_views > 0) {
    drawn = images * settings.scan.cached_views;  // self-labelling draws from the same
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

// What works on features: heads where the backbone is frozen, figures, report.
double seconds_of_features(const ClusterSettings& settings, int64_t images, int64_t validation,
                           const FeatureCosts& costs) {
  const double scan = settings.scan.train.epochs, selflabel = settings.selflabel.train.epochs;
  const auto validated = static_cast<double>(validation > 0 ? validation : images);
  double seconds = (scan + selflabel) * costs.epoch + scan * validated * costs.validated_image;
  if (settings.scan.cached_views > 0) {
    seconds += steps_of(settings.scan.train, images) * costs.scan_step +
               steps_of(settings.selflabel.train, images) * costs.selflabel_step;
  }
  return seconds + static_cast<double>(images) * costs.clustered_image +
         ((clusterings + compared_models) * pairs_of(images) + clusterings * pairs_of(validation)) *
             costs.silhouette_pair +
         pairs_of(images) * costs.mapped_pair +
         std::min(static_cast<double>(images), most_pictures) * costs.pictured_image;
}

}  // namespace

double estimate_seconds(Effort effort, const ClusterSettings& settings, int64_t images,
                        int64_t validation, const ViewCosts& views, const FeatureCosts& features) {
  return seconds_of_views(effort, settings, static_cast<double>(images),
                          static_cast<double>(validation), views) +
         seconds_of_features(settings, images, validation, features);
}

}  // namespace nolabel
