#include "nolabel/pipeline/averaged_features.h"

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "nolabel/run/artifact.h"

namespace nolabel {

void average_features(Subject& subject, const ClusterSettings& settings,
                      const Environment& environment) {
  SubjectSplit& split = subject.train;
  const auto inputs = split_inputs(subject, split, /*frozen=*/true, environment);
  constexpr int least_clusters = 2;  // a head has so many; only the backbone works here
  Model model = subject.make_model(least_clusters, 1, environment);
  split.averaged = inputs->averaged_features(model, training_recipe(settings.averaging),
                                             settings.averaged_views, environment.observer);
  if (!subject.has_network()) return;
  split.averaged_views = settings.averaged_views;
  split.views = sha256(format("{} {}", result_values(settings.averaging).dump(), environment.seed))
                    .substr(0, 8);
}

}  // namespace nolabel
