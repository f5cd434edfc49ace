// What a run clusters: images that a backbone turns into features, or features that the user gives.
// The stages after mining do not know which of the two they have.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "nolabel/augment/recipe.h"
#include "nolabel/data/dataset.h"
#include "nolabel/run/environment.h"
#include "nolabel/train/input_source.h"

namespace nolabel {

class ClusterInputs {
 public:
  virtual ~ClusterInputs() = default;
  virtual int64_t size() const = 0;
  // Features [N,D] of the plain views, fp32 on the CPU, with the backbone as it is now. `observer`
  // gets the progress. Within an epoch, give a silent observer, because the epoch shows its own.
  virtual at::Tensor features(Model& model, const Observer& observer) const = 0;
  // The same of the finished model of `stage`, which does not change any more: kept where there is
  // a place for features.
  virtual at::Tensor final_features(Model& model, const std::string& stage,
                                    const Observer& observer) const = 0;
  // The mean of the features of the plain view and of so many random views by `recipe`, [N,D] fp32
  // on the CPU: what a frozen backbone says of an image, and less of one look at it. With 0 views
  // it is features().
  virtual at::Tensor averaged_features(Model& model, const ViewRecipe& recipe, int views,
                                       const Observer& observer) const = 0;
  // Plain views, for the weak side of self-labelling. With `cached`, their features.
  virtual std::unique_ptr<InputSource> plain_views(Model& model, bool cached) const = 0;
  // Random views by `recipe`. cached_views > 0: features of so many of them per image, computed
  // with `model` at the first call and shared by later ones with the same recipe (the backbone is
  // frozen).
  virtual std::unique_ptr<InputSource> random_views(Model& model, const ViewRecipe& recipe,
                                                    StageNumber stage, int cached_views) const = 0;
};

// Where a run keeps the features of a data set (kept_features.h): DIRECTORY/<split>….
struct FeaturePlace {
  std::filesystem::path directory;
  std::string split;  // "train" or "validation"
};

// The data set must outlive the result. `frozen_features`, if given, are what features() returns:
// for runs whose backbone does not change. With `place`, features of random views are kept there,
// and a stop in the middle of an embedding leaves there what it goes on from.
std::unique_ptr<ClusterInputs> image_inputs(const Dataset& dataset, const ViewRecipe& evaluation,
                                            std::optional<at::Tensor> frozen_features,
                                            const Environment& environment,
                                            std::optional<FeaturePlace> place = std::nullopt);

// Features [N,D], the same in every view. The model's backbone is the identity.
std::unique_ptr<ClusterInputs> feature_inputs(at::Tensor features, const Environment& environment);

}  // namespace nolabel
