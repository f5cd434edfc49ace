#include "nolabel/train/input_source.h"

#include <ATen/ATen.h>

#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/workers/shared_images.h"

namespace nolabel {

ImageViews::ImageViews(const Dataset& dataset, const ViewRecipe& recipe, uint64_t seed,
                       StageNumber stage, int threads)
    : dataset_(dataset), recipe_(recipe), seed_(seed), stage_(stage), threads_(threads) {}

at::Tensor ImageViews::gather(int epoch, std::span<const ViewOf> views) const {
  std::vector<ViewRequest> requests;
  requests.reserve(views.size());
  for (const ViewOf& view : views) {
    requests.push_back({view.image, ViewKey{.seed = seed_,
                                            .stage = static_cast<uint32_t>(stage_),
                                            .epoch = static_cast<uint32_t>(epoch),
                                            .position = static_cast<uint32_t>(view.position),
                                            .role = view.role}});
  }
  const int64_t side = recipe_.size;
  const at::Tensor pixels =
      at::empty({static_cast<int64_t>(views.size()), side, side, 3}, at::kFloat);
  make_views(dataset_, requests, recipe_, threads_, pixels.mutable_data_ptr<float>());
  return pixels.permute({0, 3, 1, 2});
}

at::Tensor ImageViews::features(Model& model, const at::Tensor& inputs, ForwardMode mode) const {
  return model.features(inputs, mode);
}

void ImageViews::describe(Group& group, Message& message) const {
  share_images(group, dataset_);
  message.values["inputs"].push_back({{"kind", "views"},
                                      {"images", dataset_.fingerprint()},
                                      {"seed", seed_},
                                      {"stage", static_cast<uint32_t>(stage_)},
                                      {"threads", threads_}});
  message.tensors.push_back(tensor_of_value(recipe_));
}

CachedFeatures::CachedFeatures(at::Tensor features, uint64_t seed, StageNumber stage)
    : features_(std::move(features)), seed_(seed), stage_(stage) {
  NOLABEL_ASSERT(features_.dim() == 3);
}

at::Tensor CachedFeatures::gather(int epoch, std::span<const ViewOf> views) const {
  const auto rows = static_cast<uint64_t>(features_.size(0));
  std::vector<int64_t> indices;  // into [V * N]
  indices.reserve(views.size());
  for (const ViewOf& view : views) {
    // The stage and the role share a counter: there are two roles and few stages.
    Random random(seed_, Purpose::view, static_cast<uint32_t>(epoch),
                  static_cast<uint32_t>(view.position),
                  static_cast<uint32_t>(stage_) * 2 + view.role);
    indices.push_back(static_cast<int64_t>(random.below(rows)) * features_.size(1) + view.image);
  }
  const at::Tensor index = at::tensor(indices, at::kLong);
  return features_.view({-1, features_.size(2)}).index_select(0, index);
}

at::Tensor CachedFeatures::features(Model&, const at::Tensor& inputs, ForwardMode) const {
  return inputs;
}

void CachedFeatures::describe(Group&, Message& message) const {
  message.values["inputs"].push_back(
      {{"kind", "features"}, {"seed", seed_}, {"stage", static_cast<uint32_t>(stage_)}});
  message.tensors.push_back(features_);
}

}  // namespace nolabel
