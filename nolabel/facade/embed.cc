#include "nolabel/facade/call.h"
#include "nolabel/facade/memory_pictures.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/embed_call.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/processor/computing.h"

namespace nolabel {

EmbedResult embed(const EmbedOptions& options, const Observer& observer) {
  return facade_stage<EmbedRequest>(
      observer,
      [&](SettingTables& tables, EmbedRequest& request) {
        request.data = texts(options.images);
        declare(tables, request);
        fill_settings(tables, options.settings, options.compute, std::nullopt);
        fill_option(tables, "backbone", options.backbone);
        fill_number(tables, "image_size", options.image_size);
        fill_flag(tables, "strict", options.strict);
      },
      [](SettingTables&, EmbedRequest& request, const Observer& serial) {
        const EmbedOutcome outcome = embed(request, serial);
        const Dataset& images = outcome.images.dataset;
        EmbedResult result{.paths = {},
                           .features = to_matrix(outcome.features),
                           .labels = images.labels(),
                           .class_names = {},
                           .backbone = outcome.backbone,
                           .backbone_labels = outcome.backbone_labels};
        if (images.has_labels()) result.class_names = images.class_names();
        for (int64_t i = 0; i < images.size(); ++i) result.paths.push_back(images.name(i));
        return result;
      });
}

struct Embedder::Impl {
  EmbeddingModel embedding;
};

Embedder::Embedder(const std::string& backbone, int image_size, const Compute& compute) {
  facade_call([&] {
    SettingTables tables;
    EmbedRequest request;
    declare(tables, request);
    fill_settings(tables, {}, compute, std::nullopt);
    fill_option(tables, "backbone", backbone);
    fill_number(tables, "image_size", image_size);
    // Pictures in memory come from anywhere, and most of them only once.
    tables.settings.set("feature_cache", "0", "Embedder");
    tables.settle();
    impl_ = std::make_unique<Impl>(Impl{open_embedding_model(request, {})});
  });
}

Embedder::Embedder(Embedder&&) noexcept = default;
Embedder& Embedder::operator=(Embedder&&) noexcept = default;
Embedder::~Embedder() = default;

int Embedder::dimensions() const {
  return impl_->embedding.model.dimensions();
}

int Embedder::image_size() const {
  return impl_->embedding.view.size;
}

std::string Embedder::backbone() const {
  return impl_->embedding.origin;
}

std::string Embedder::backbone_labels() const {
  return impl_->embedding.labels;
}

Matrix<float> Embedder::embed(std::span<const ImageView> images, const Observer& observer) const {
  Matrix<float> features(0, dimensions());
  if (images.empty()) return features;
  facade_call([&] {
    EmbeddingModel& embedding = impl_->embedding;
    const int threads = embedding.environment.threads;
    const Computing computing(threads);
    const Dataset dataset = memory_dataset(images, embedding.pictures, CacheFormat::raw, threads);
    features = to_matrix(nolabel::embed(embedding, dataset, one_at_a_time(observer)));
  });
  return features;
}

}  // namespace nolabel
