#include "nolabel/pipeline/cluster_inputs.h"

#include <ATen/ATen.h>

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/pipeline/feature_cache.h"
#include "nolabel/pipeline/kept_features.h"
#include "nolabel/pipeline/recipe_identity.h"

namespace nolabel {
namespace {

class ImageInputs : public ClusterInputs {
 public:
  ImageInputs(const Dataset& dataset, const ViewRecipe& evaluation,
              std::optional<at::Tensor> frozen_features, const Environment& environment,
              std::optional<FeaturePlace> place)
      : dataset_(dataset),
        evaluation_(evaluation),
        frozen_features_(std::move(frozen_features)),
        environment_(environment),
        place_(std::move(place)) {}

  int64_t size() const override { return dataset_.size(); }

  at::Tensor features(Model& model, const Observer& observer) const override {
    if (frozen_features_) return *frozen_features_;
    const BankOptions options = plain();
    if (!place_) return extract(model, dataset_, options, observer);
    return resumed_features(
        place_->directory / (place_->split + ".begun"), provenance_of(model, options, 1),
        bytes_of(model, 1),
        [&](RowFile* begun) { return extract(model, dataset_, options, observer, begun); });
  }

  at::Tensor final_features(Model& model, const std::string& stage,
                            const Observer& observer) const override {
    if (frozen_features_ || !place_) return features(model, observer);
    const BankOptions options = plain();
    return kept_features(place_->directory / format("{}-of-{}.npy", place_->split, stage),
                         source_of(model, options, 1), environment_, [&](RowsAtHand& rows) {
                           return extract(model, dataset_, rows.added_to(options), observer,
                                          rows.begun);
                         });
  }

  at::Tensor averaged_features(Model& model, const ViewRecipe& recipe, int views,
                               const Observer& observer) const override {
    const at::Tensor plain = features(model, observer);
    if (views == 0) return plain;
    at::Tensor sum = plain.clone();
    const at::Tensor drawn =
        views_of(model,
                 drawn_options(recipe, environment_,
                               format("embedding {} views of each image to compare it by", views)),
                 views);
    for (int64_t view = 0; view < views; ++view) sum += drawn[view];
    return sum.div_(views + 1);
  }

  std::unique_ptr<InputSource> plain_views(Model& model, bool cached) const override {
    if (cached) {
      return std::make_unique<CachedFeatures>(features(model, environment_.observer).unsqueeze(0),
                                              environment_.seed, StageNumber::features);
    }
    return std::make_unique<ImageViews>(dataset_, evaluation_, environment_.seed,
                                        StageNumber::features, threads_of_views());
  }

  std::unique_ptr<InputSource> random_views(Model& model, const ViewRecipe& recipe,
                                            StageNumber stage, int cached_views) const override {
    if (cached_views == 0) {
      return std::make_unique<ImageViews>(dataset_, recipe, environment_.seed, stage,
                                          threads_of_views());
    }
    if (!bank_.defined() || bank_.size(0) != cached_views || !(bank_recipe_ == recipe)) {
      bank_recipe_ = recipe;
      bank_ = views_of(
          model,
          drawn_options(recipe, environment_,
                        format("embedding {} views of each image for training", cached_views)),
          cached_views);
    }
    return std::make_unique<CachedFeatures>(bank_, environment_.seed, stage);
  }

 private:
  // While a group trains, all processes of the machine make views at the same time.
  int threads_of_views() const {
    return threads_of_each(*environment_.group, environment_.threads);
  }

  BankOptions plain() const {
    return plain_options(evaluation_, environment_, "embedding the images");
  }

  Provenance provenance_of(const Model& model, const BankOptions& options, int views) const {
    return {.stage = "features",
            .settings = {{"precision", static_cast<int>(environment_.precision)},
                         {"views", views},
                         {"batch_size", bank_batch_size(options.recipe, model.device())},
                         {"stage", options.key.stage},
                         {"recipe", recipe_identity(options.recipe)}},
            .data = dataset_.fingerprint(),
            .inputs = {{"backbone", backbone_identity(model)}},
            .seed = options.key.seed};
  }

  uint64_t bytes_of(const Model& model, int views) const {
    return sizeof(float) * static_cast<uint64_t>(views * dataset_.size()) *
           static_cast<uint64_t>(model.settings().backbone.dimensions());
  }

  FeatureSource source_of(const Model& model, const BankOptions& options, int views) const {
    return {.provenance = provenance_of(model, options, views),
            .made_with = maker_of(model, options, environment_).identity.dump(),
            .width = model.dimensions(),
            .bytes = bytes_of(model, views)};
  }

  // [V,N,D]
  at::Tensor views_of(Model& model, const BankOptions& options, int views) const {
    const auto make = [&](RowsAtHand& rows) {
      const auto known =
          frozen_features_
              ? open_feature_cache(maker_of(model, options, environment_), model.dimensions(),
                                   bytes_of(model, views), environment_)
              : nullptr;
      BankOptions with_known = rows.added_to(options);
      with_known.known = known.get();
      return extract_views(model, dataset_, with_known, views, environment_.observer,
                           known ? nullptr : rows.begun);
    };
    RowsAtHand nothing;
    if (!place_) return make(nothing);
    const FeatureSource source = source_of(model, options, views);
    // SCAN and self-labelling may draw by different recipes.
    const std::string recipe = sha256(source.provenance.settings.dump()).substr(0, 8);
    const std::filesystem::path file =
        place_->directory / format("{}-views-{}.npy", place_->split, recipe);
    const at::Tensor rows = kept_features(file, source, environment_, [&](RowsAtHand& at_hand) {
      return make(at_hand).flatten(0, 1);
    });
    return rows.view({views, dataset_.size(), rows.size(1)});
  }

  const Dataset& dataset_;
  const ViewRecipe evaluation_;
  const std::optional<at::Tensor> frozen_features_;
  const Environment environment_;
  const std::optional<FeaturePlace> place_;
  mutable at::Tensor bank_;  // [V,N,D]: SCAN and self-labelling draw from the same views
  mutable ViewRecipe bank_recipe_;
};

class GivenFeatures : public ClusterInputs {
 public:
  GivenFeatures(at::Tensor features, const Environment& environment)
      : features_(std::move(features)), seed_(environment.seed) {}

  int64_t size() const override { return features_.size(0); }
  at::Tensor features(Model&, const Observer&) const override { return features_; }
  at::Tensor averaged_features(Model&, const ViewRecipe&, int, const Observer&) const override {
    return features_;
  }
  at::Tensor final_features(Model&, const std::string&, const Observer&) const override {
    return features_;
  }
  std::unique_ptr<InputSource> plain_views(Model&, bool) const override {
    return std::make_unique<CachedFeatures>(features_.unsqueeze(0), seed_, StageNumber::features);
  }
  std::unique_ptr<InputSource> random_views(Model&, const ViewRecipe&, StageNumber stage,
                                            int) const override {
    return std::make_unique<CachedFeatures>(features_.unsqueeze(0), seed_, stage);
  }

 private:
  const at::Tensor features_;
  const uint64_t seed_;
};

}  // namespace

std::unique_ptr<ClusterInputs> image_inputs(const Dataset& dataset, const ViewRecipe& evaluation,
                                            std::optional<at::Tensor> frozen_features,
                                            const Environment& environment,
                                            std::optional<FeaturePlace> place) {
  return std::make_unique<ImageInputs>(dataset, evaluation, std::move(frozen_features), environment,
                                       std::move(place));
}

std::unique_ptr<ClusterInputs> feature_inputs(at::Tensor features, const Environment& environment) {
  return std::make_unique<GivenFeatures>(std::move(features), environment);
}

}  // namespace nolabel
