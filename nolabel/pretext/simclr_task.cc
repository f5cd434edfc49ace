#include "nolabel/pretext/simclr_task.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "nolabel/pretext/simclr_loss.h"

namespace nolabel {

SimclrTask::SimclrTask(const SimclrSettings& settings, std::unique_ptr<InputSource> views,
                       Monitor monitor)
    : settings_(settings), views_(std::move(views)), monitor_(std::move(monitor)) {}

void SimclrTask::choose_parameters(Model& model) const {
  model.require_gradients(Trainable::everything);
}

std::vector<at::Tensor> SimclrTask::inputs(const SampleRange& range) const {
  std::vector<ViewOf> views;
  for (size_t i = 0; i < range.samples.size(); ++i) {
    const int64_t position = range.first_position + static_cast<int64_t>(i);
    views.push_back({range.samples[i], position, 0});
    views.push_back({range.samples[i], position, 1});
  }
  return {views_->gather(range.epoch, views)};
}

std::vector<at::Tensor> SimclrTask::outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                            bool update_statistics) const {
  const at::Tensor features = views_->features(
      model, inputs[0], update_statistics ? ForwardMode::train : ForwardMode::train_without_update);
  const at::Tensor embeddings = model.embeddings(features);  // [2b,E]
  return {embeddings.view({-1, 2, embeddings.size(1)})};
}

LossValues SimclrTask::loss(const std::vector<at::Tensor>& outputs) const {
  const SimclrLoss loss = simclr_loss(outputs[0], settings_.temperature, settings_.symmetric);
  return {
      .total = loss.total,
      .parts = {{"loss", loss.total.detach()}, {"positive_similarity", loss.positive_similarity}},
      .trains_nothing = {},
      .cluster_counts = {}};
}

nlohmann::json SimclrTask::validate(Model& model, int epoch) {
  return monitor_ ? monitor_(model, epoch) : nlohmann::json::object();
}

void declare(Schema& schema, SimclrSettings& settings) {
  const auto group = schema.group("criterion_kwargs");
  schema.add("temperature", &settings.temperature, {.low = 1e-6},
             "temperature of the contrastive softmax");
  schema.add("symmetric", &settings.symmetric,
             "take both views as anchors (the published program takes the first)");
}

void SimclrTask::describe(Group& group, Message& message) const {
  message.values["task"] = name();
  message.tensors.push_back(tensor_of_value(settings_));
  views_->describe(group, message);
}

}  // namespace nolabel
