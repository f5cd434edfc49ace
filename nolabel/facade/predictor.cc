#include "nolabel/evaluate/assignments.h"
#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/facade/memory_pictures.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/predict_call.h"
#include "nolabel/processor/computing.h"

namespace nolabel {
struct Predictor::Impl {
  PredictionModel model;
};

Predictor::Predictor(const std::filesystem::path& run, const Compute& compute) {
  facade_call([&] {
    SettingTables tables;
    PredictRequest request;
    request.run = run.string();
    declare(tables, request);
    fill_settings(tables, {}, compute, std::nullopt);
    tables.settle();
    impl_ = std::make_unique<Impl>(Impl{open_prediction_model(tables, request, {})});
  });
}

Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

int Predictor::clusters() const {
  return impl_->model.trained.model.settings().clusters;
}

int Predictor::image_size() const {
  return impl_->model.trained.evaluation.size;
}

ClusterChoice Predictor::predict(ImageView image) const {
  return predict(std::span<const ImageView>(&image, 1)).front();
}

std::vector<NamedCluster> Predictor::named_clusters() const {
  const TrainedModel& trained = impl_->model.trained;
  if (!trained.identities.empty()) return nolabel::named_clusters(trained.identities);
  return nolabel::named_clusters(identities_of(RunState(), clusters()));
}

std::vector<ClusterChoice> Predictor::predict(std::span<const ImageView> images,
                                              const Observer& observer) const {
  std::vector<ClusterChoice> choices;
  if (images.empty()) return choices;
  const Environment& environment = impl_->model.environment;
  facade_call([&] {
    const Computing computing(environment.threads);
    const Dataset dataset = memory_dataset(images, impl_->model.trained.pictures,
                                           impl_->model.settings.cache.format, environment.threads);
    const auto inputs =
        image_inputs(dataset, impl_->model.trained.evaluation, std::nullopt, environment);
    for (const Assignment& a :
         assign(evaluate(impl_->model.trained, *inputs, one_at_a_time(observer)).probabilities)) {
      choices.push_back(choice_of(with_ids(a, impl_->model.trained.identities)));
    }
  });
  return choices;
}

}  // namespace nolabel
