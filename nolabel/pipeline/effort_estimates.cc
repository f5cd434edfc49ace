#include "nolabel/pipeline/effort_estimates.h"

#include "nolabel/pipeline/feature_cache.h"

namespace nolabel {
namespace {

// Rows of so many images that the cache has, by those of a sample.
double known_rows(const Model& model, BankOptions options, int64_t images, const Dataset& sample,
                  int views, const Environment& environment) {
  constexpr int64_t most = 2000;  // a megabyte of pixels takes a millisecond to look up
  const int64_t width = model.dimensions(), rows = views * images;
  const auto bytes = sizeof(float) * static_cast<uint64_t>(rows * width);
  const auto known =
      find_feature_cache(maker_of(model, options, environment), width, bytes, environment);
  if (!known || rows == 0) return 0;
  options.known = known.get();
  const Dataset some = some_of(sample, most);
  const auto looked_up = static_cast<double>(views * some.size());
  const auto missing = static_cast<double>(rows_to_compute(some, options, views));
  return (looked_up - missing) / looked_up * static_cast<double>(rows);
}

Model network_of(const Backbone& backbone, const Environment& environment) {
  const ModelSettings settings{.kind = ModelSettings::Kind::clustering,
                               .backbone = backbone.network,
                               .program = backbone.program};
  Model model = backbone.state.empty() ? Model(settings, 0) : Model(settings, 0, backbone.state);
  model.place(environment.device, environment.precision);
  return model;
}

}  // namespace

KnownViews known_views(const Model& model, const ViewRecipe& plain, const ClusterSettings& settings,
                       const ImagesAhead& images, const Environment& environment) {
  return {.plain = known_rows(model, plain_options(plain, environment, ""),
                              images.train + images.validation, images.sample, 1, environment),
          .drawn =
              known_rows(model, drawn_options(training_recipe(settings.averaging), environment, ""),
                         images.train, images.sample, settings.averaged_views, environment)};
}

std::vector<EffortEstimate> estimate_efforts(const AskedEffort& asked, const ImagesAhead& images,
                                             const std::filesystem::path& run,
                                             const Environment& environment) {
  constexpr double best = 0.6, roughly = 0.2;  // seconds
  const BackboneChoice found =
      asked.found ? *asked.found
                  : find_backbone(asked.wanted, std::nullopt, asked.sizes, {.offline = true}, {});
  const Backbone of_asked = choice_for(asked.effort, found, asked.wanted, asked.sizes).backbone;
  const FeatureCosts features =
      measure_features(of_asked, asked.settings, asked.clusters, images, run, environment);
  std::vector<EffortEstimate> estimates;
  for (const Effort effort : {Effort::quick, Effort::standard, Effort::full}) {
    if (effort == Effort::full && found.backbone.program) continue;  // which is never trained
    const bool asked_for = effort == asked.effort;
    const BackboneChoice choice = choice_for(effort, found, asked.wanted, asked.sizes);
    const Backbone& used = choice.backbone;
    const ClusterSettings settings =
        asked_for ? asked.settings
                  : effort_settings(effort, images.train, asked.clusters, used.image_size,
                                    used.normalize, asked.settings.mine);
    Model model = network_of(used, environment);
    const ViewRecipe plain = evaluation_recipe_of(used);
    const ViewCosts views = measure_views(model, plain, settings.scan.views, images.sample,
                                          asked_for ? best : roughly, environment);
    EstimatedRun estimated{.method = possible_method(asked.method, effort),
                           .trains_backbone = effort != Effort::quick && choice.is_tuned,
                           .images = images.train,
                           .validation = images.validation,
                           .clusters = asked.clusters};
    if (!estimated.trains_backbone) {  // features of a backbone that is yet to be trained are new
      const KnownViews known = known_views(model, plain, settings, images, environment);
      estimated.known_plain = known.plain;
      if (settings.scan.scan.head_only) estimated.known_drawn = known.drawn;
    }
    const double seconds = estimate_seconds(estimated, settings, views, features);
    estimates.push_back({effort_name(effort), images.seconds + seconds});
  }
  return estimates;
}

}  // namespace nolabel
