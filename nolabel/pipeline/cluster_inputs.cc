#include "nolabel/pipeline/cluster_inputs.h"

#include <ATen/ATen.h>

#include "nolabel/base/format.h"
#include "nolabel/neighbors/feature_bank.h"

namespace nolabel {
namespace {

class ImageInputs : public ClusterInputs {
 public:
  ImageInputs(const Dataset& dataset, const ViewRecipe& evaluation,
              std::optional<at::Tensor> frozen_features, const Environment& environment)
      : dataset_(dataset),
        evaluation_(evaluation),
        frozen_features_(std::move(frozen_features)),
        environment_(environment) {}

  int64_t size() const override { return dataset_.size(); }

  at::Tensor features(Model& model, const Observer& observer) const override {
    if (frozen_features_) return *frozen_features_;
    return extract(model, dataset_,
                   {.recipe = evaluation_, .key = {}, .threads = environment_.threads}, observer);
  }

  std::unique_ptr<InputSource> plain_views(Model& model, bool cached) const override {
    if (cached) {
      return std::make_unique<CachedFeatures>(features(model, environment_.observer).unsqueeze(0),
                                              environment_.seed, StageNumber::features);
    }
    return std::make_unique<ImageViews>(dataset_, evaluation_, environment_.seed,
                                        StageNumber::features, environment_.threads);
  }

  std::unique_ptr<InputSource> random_views(Model& model, const ViewRecipe& recipe,
                                            StageNumber stage, int cached_views) const override {
    if (cached_views == 0) {
      return std::make_unique<ImageViews>(dataset_, recipe, environment_.seed, stage,
                                          environment_.threads);
    }
    if (!bank_.defined() || bank_.size(0) != cached_views || !(bank_recipe_ == recipe)) {
      bank_recipe_ = recipe;
      const ViewKey key{.seed = environment_.seed,
                        .stage = static_cast<uint32_t>(StageNumber::features)};
      bank_ = extract_views(
          model, dataset_,
          {.recipe = recipe,
           .key = key,
           .threads = environment_.threads,
           .purpose = format("embedding {} views of each image for training", cached_views)},
          cached_views, environment_.observer);
    }
    return std::make_unique<CachedFeatures>(bank_, environment_.seed, stage);
  }

 private:
  const Dataset& dataset_;
  const ViewRecipe evaluation_;
  const std::optional<at::Tensor> frozen_features_;
  const Environment environment_;
  mutable at::Tensor bank_;  // [V,N,D]: SCAN and self-labelling draw from the same views
  mutable ViewRecipe bank_recipe_;
};

class GivenFeatures : public ClusterInputs {
 public:
  GivenFeatures(at::Tensor features, const Environment& environment)
      : features_(std::move(features)), seed_(environment.seed) {}

  int64_t size() const override { return features_.size(0); }
  at::Tensor features(Model&, const Observer&) const override { return features_; }
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
                                            const Environment& environment) {
  return std::make_unique<ImageInputs>(dataset, evaluation, std::move(frozen_features),
                                       environment);
}

std::unique_ptr<ClusterInputs> feature_inputs(at::Tensor features, const Environment& environment) {
  return std::make_unique<GivenFeatures>(std::move(features), environment);
}

}  // namespace nolabel
