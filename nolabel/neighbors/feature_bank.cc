#include "nolabel/neighbors/feature_bank.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace {

int64_t output_width(const Model& model, BankOutput output) {
  const ModelSettings& settings = model.settings();
  if (output == BankOutput::features) return settings.backbone.dimensions();
  NOLABEL_ASSERT(settings.kind == ModelSettings::Kind::contrastive);
  return settings.embedding_dimensions;
}

// Views of `count` images from `first` on, [count,3,S,S] channels-last.
at::Tensor views_of(const Dataset& dataset, const BankOptions& options, const ViewKey& key,
                    int64_t first, int64_t count) {
  std::vector<ViewRequest> requests;
  for (int64_t i = first; i < first + count; ++i) {
    ViewRequest request{i, key};
    request.key.position = static_cast<uint32_t>(i);
    requests.push_back(request);
  }
  const int64_t size = options.recipe.size;
  const at::Tensor views = at::empty({count, size, size, 3}, at::kFloat);
  make_views(dataset, requests, options.recipe, options.threads, views.mutable_data_ptr<float>());
  return views.permute({0, 3, 1, 2});
}

}  // namespace

at::Tensor extract(Model& model, const Dataset& dataset, const BankOptions& options,
                   const Observer& observer) {
  return extract_views(model, dataset, options, 1, observer)[0];
}

at::Tensor extract_views(Model& model, const Dataset& dataset, const BankOptions& options,
                         int views, const Observer& observer) {
  NOLABEL_ASSERT(views >= 1 && options.batch_size >= 1);
  const c10::NoGradGuard no_gradient;
  const int64_t images = dataset.size();
  at::Tensor bank = at::empty({views, images, output_width(model, options.output)}, at::kFloat);
  ProgressMeter meter(options.purpose, views == 1 ? "images" : "views", views * images);
  for (int v = 0; v < views; ++v) {
    ViewKey key = options.key;
    key.epoch += static_cast<uint32_t>(v);
    for (int64_t first = 0; first < images; first += options.batch_size) {
      observer.stop_if_requested();
      const int64_t count = std::min<int64_t>(options.batch_size, images - first);
      const at::Tensor input = views_of(dataset, options, key, first, count).to(model.device());
      at::Tensor output = model.features(input, BatchNormMode::eval);
      if (options.output == BankOutput::embeddings) output = model.embeddings(output);
      bank[v].narrow(0, first, count).copy_(output);
      if (observer.progress) observer.progress(meter.update(v * images + first + count));
    }
  }
  return bank;
}

}  // namespace nolabel
