#include "nolabel/selflabel/selflabel_task.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/selflabel/confidence_loss.h"
#include "nolabel/train/epoch_log.h"

namespace nolabel {

SelflabelTask::SelflabelTask(const SelflabelSettings& settings, std::unique_ptr<InputSource> weak,
                             std::unique_ptr<InputSource> strong, std::filesystem::path model_path,
                             std::optional<FeatureShift> shift)
    : settings_(settings),
      weak_(shifted_inputs(std::move(weak), shift)),
      strong_(shifted_inputs(std::move(strong), shift)),
      shift_(std::move(shift)),
      model_(std::move(model_path)) {
  NOLABEL_ASSERT(weak_->size() == strong_->size());
}

void SelflabelTask::choose_parameters(Model& model) const {
  model.require_gradients(settings_.head_only ? Trainable::heads : Trainable::everything);
}

std::vector<at::Tensor> SelflabelTask::inputs(const SampleRange& range) const {
  std::vector<ViewOf> weak, strong;
  for (size_t i = 0; i < range.samples.size(); ++i) {
    const int64_t position = range.first_position + static_cast<int64_t>(i);
    weak.push_back({range.samples[i], position, 0});
    strong.push_back({range.samples[i], position, 1});
  }
  return {weak_->gather(range.epoch, weak), strong_->gather(range.epoch, strong)};
}

std::vector<at::Tensor> SelflabelTask::outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                               bool update_statistics) const {
  ForwardMode mode = update_statistics ? ForwardMode::train : ForwardMode::train_without_update;
  if (settings_.head_only) mode = ForwardMode::evaluate;
  at::Tensor weak;
  {
    const c10::NoGradGuard no_grad;
    weak = model.logits(weak_->features(model, inputs[0], mode), 0);
  }
  at::Tensor features;
  {
    const c10::AutoGradMode gradients(c10::GradMode::is_enabled() && !settings_.head_only);
    features = strong_->features(model, inputs[1], mode);
  }
  return {weak, model.logits(features, 0)};
}

LossValues SelflabelTask::loss(const std::vector<at::Tensor>& outputs) const {
  const ConfidenceLoss loss =
      confidence_loss(outputs[0], outputs[1], settings_.confidence_threshold, settings_.balanced);
  const at::Tensor nothing = loss.kept.eq(0);
  const at::Tensor reported = loss.total.detach().masked_fill(nothing, NAN);
  return {.total = loss.total,
          .parts = {{"loss", reported}, {"kept_fraction", loss.kept_fraction}},
          .trains_nothing = nothing,
          .cluster_counts = count_clusters(outputs[0].detach().unsqueeze(1))};
}

nlohmann::json SelflabelTask::validate(Model& model, int) {
  const FoldedHeads folded(model, shift_);
  model_.select(model.state_dict(), settings_.head_only);
  return nlohmann::json::object();
}

Value SelflabelTask::state() const {
  if (!shift_) return Value::dict({});
  return Value::dict({{std::string(shifted_heads_key), true}});
}

void SelflabelTask::save() {
  model_.save([](const StateDict& state) { return to_value(state); });
}

void declare(Schema& schema, SelflabelSettings& settings) {
  schema.add("confidence_threshold", &settings.confidence_threshold, {.low = 0, .high = 1},
             "the stage trains only on images whose most probable cluster has a probability above "
             "this threshold");
  schema.add("update_cluster_head_only", &settings.head_only,
             "keep the backbone frozen, train the cluster head only");
  const auto group = schema.group("criterion_kwargs");
  schema.add("apply_class_balancing", &settings.balanced,
             "weight the pseudo-labels so that every cluster counts the same");
}

void SelflabelTask::describe(Group& group, Message& message) const {
  message.values["task"] = name();
  message.tensors.push_back(tensor_of_value(settings_));
  describe_shift(shift_, message);
  weak_->describe(group, message);
  strong_->describe(group, message);
}

}  // namespace nolabel
