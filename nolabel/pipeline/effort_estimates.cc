#include "nolabel/pipeline/effort_estimates.h"

namespace nolabel {

std::vector<EffortEstimate> estimate_efforts(const AskedEffort& asked, const RunImages& images,
                                             const Backbone& backbone,
                                             const std::filesystem::path& run,
                                             const Environment& environment) {
  constexpr double best = 0.6, roughly = 0.2;  // seconds
  const FeatureCosts features =
      measure_features(backbone, asked.settings, asked.clusters, images.train, run, environment);
  std::vector<EffortEstimate> estimates;
  for (const Effort effort : {Effort::quick, Effort::standard, Effort::full}) {
    if (effort == Effort::full && backbone.program) continue;  // which is never trained
    const bool asked_for = effort == asked.effort;
    const Backbone used =
        choose_backbone(asked.wanted, asked.named, effort, asked.sizes, {.offline = true}, {})
            .backbone;
    const ClusterSettings settings =
        asked_for ? asked.settings
                  : effort_settings(effort, images.trained(), asked.clusters, used.image_size);
    const ViewCosts views = measure_views(used, settings.scan.views, images.train,
                                          asked_for ? best : roughly, environment);
    const int64_t validation = images.validation ? images.validation->size() : 0;
    estimates.push_back({effort_name(effort),
                         estimate_seconds(effort, possible_method(asked.method, effort), settings,
                                          images.train.size(), validation, views, features)});
  }
  return estimates;
}

}  // namespace nolabel
