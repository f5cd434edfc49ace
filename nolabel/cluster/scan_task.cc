#include "nolabel/cluster/scan_task.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/head_selection.h"
#include "nolabel/cluster/scan_loss.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/train/epoch_log.h"

namespace nolabel {

ScanTask::ScanTask(const ScanSettings& settings, std::unique_ptr<InputSource> inputs,
                   Matrix<int64_t> neighbors, Validation validation,
                   std::filesystem::path model_path, uint64_t seed,
                   std::optional<FeatureShift> shift, const at::Tensor& size_prior)
    : settings_(settings),
      inputs_(shifted_inputs(std::move(inputs), shift)),
      neighbors_(std::move(neighbors)),
      named_(move_padding_back(neighbors_)),
      validation_(std::move(validation)),
      shift_(std::move(shift)),
      model_(std::move(model_path)),
      seed_(seed),
      size_prior_(size_prior),
      log_prior_(size_prior.defined() ? size_prior.log() : at::Tensor()) {
  NOLABEL_ASSERT(neighbors_.rows == inputs_->size());
  NOLABEL_ASSERT(settings_.neighbors < neighbors_.columns);
  NOLABEL_ASSERT(std::ranges::find(named_, 0) == named_.end());
}

void ScanTask::choose_parameters(Model& model) const {
  model.require_gradients(settings_.head_only ? Trainable::heads : Trainable::everything);
}

std::vector<at::Tensor> ScanTask::inputs(const SampleRange& range) const {
  std::vector<ViewOf> anchors, neighbors;
  for (size_t i = 0; i < range.samples.size(); ++i) {
    const int64_t anchor = range.samples[i];
    const int64_t position = range.first_position + static_cast<int64_t>(i);
    Random random(seed_, Purpose::neighbor, static_cast<uint32_t>(range.epoch),
                  static_cast<uint32_t>(position));
    const int64_t drawn_from = std::min<int64_t>(settings_.neighbors + 1, named_[anchor]);
    const auto column = static_cast<int64_t>(random.below(drawn_from));
    anchors.push_back({anchor, position, 0});
    neighbors.push_back({neighbors_.at(anchor, column), position, 1});
  }
  return {inputs_->gather(range.epoch, anchors), inputs_->gather(range.epoch, neighbors)};
}

at::Tensor ScanTask::head_logits(Model& model, const at::Tensor& inputs,
                                 bool update_statistics) const {
  ForwardMode mode = update_statistics ? ForwardMode::train : ForwardMode::train_without_update;
  if (settings_.head_only) mode = ForwardMode::evaluate;
  at::Tensor features;
  {
    const c10::AutoGradMode gradients(c10::GradMode::is_enabled() && !settings_.head_only);
    features = inputs_->features(model, inputs, mode);
  }
  return at::stack(model.logits(features), 1);  // [b,H,C]
}

std::vector<at::Tensor> ScanTask::outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                          bool update_statistics) const {
  return {head_logits(model, inputs[0], update_statistics),
          head_logits(model, inputs[1], update_statistics)};
}

LossValues ScanTask::loss(const std::vector<at::Tensor>& outputs) const {
  if (log_prior_.defined()) log_prior_ = log_prior_.to(outputs[0].options().requires_grad(false));
  const ScanLoss heads = scan_loss(outputs[0], outputs[1], settings_.entropy_weight, log_prior_);
  return {.total = heads.total.sum(),
          .parts = {{"loss", heads.total.detach().mean()},
                    {"consistency", heads.consistency.detach().mean()},
                    {"entropy", heads.entropy.detach().mean()}},
          .trains_nothing = {},
          .cluster_counts = count_clusters(outputs[0].detach())};
}

nlohmann::json ScanTask::validate(Model& model, int) {
  const c10::NoGradGuard no_grad;
  const FoldedHeads folded(model, shift_);
  const std::vector<HeadScore> scores =
      score_heads(model, validation_.features(model), validation_.neighbors,
                  log_prior_.defined() ? log_prior_.to(at::kCPU, at::kFloat) : log_prior_);
  nlohmann::json heads = nlohmann::json::array();
  for (const HeadScore& score : scores) {
    heads.push_back(
        {{"consistency", score.consistency}, {"entropy", score.entropy}, {"total", score.total}});
  }
  const int head = best_head(scores);
  const bool improved = scores[head].total < best_loss_;
  if (improved) {
    best_loss_ = scores[head].total;
    best_head_ = head;
    model_.select(model.state_dict(), settings_.head_only);
  }
  return {{"heads", heads}, {"head", head}, {"total", scores[head].total}, {"best", improved}};
}

void ScanTask::save() {
  model_.save([this](const StateDict& state) {
    return Value::dict({{std::string("model"), to_value(state)},
                        {std::string("head"), static_cast<int64_t>(best_head_)}});
  });
}

Value ScanTask::state() const {
  ValueDict state = {{std::string("best_loss"), best_loss_},
                     {std::string("best_loss_head"),
                      best_head_ < 0 ? Value() : Value(static_cast<int64_t>(best_head_))}};
  if (shift_) state.emplace_back(std::string(shifted_heads_key), true);
  return Value::dict(std::move(state));
}

void ScanTask::load_state(const Value& state) {
  const Value* loss = state.find("best_loss");
  const Value* head = state.find("best_loss_head");
  const auto* real = loss ? std::get_if<double>(&loss->data) : nullptr;
  const auto* whole = loss ? std::get_if<int64_t>(&loss->data) : nullptr;
  if (!head || (!real && !whole)) {
    fail_data("a SCAN checkpoint must hold 'best_loss' and 'best_loss_head'. This one does not.");
  }
  if (!model_.exists()) return;  // the best so far is lost, so that the next one is the best
  best_loss_ = real ? *real : static_cast<double>(*whole);
  const auto* number = std::get_if<int64_t>(&head->data);
  best_head_ = number ? static_cast<int>(*number) : -1;
}

void declare(Schema& schema, ScanSettings& settings) {
  schema.add("num_neighbors", &settings.neighbors, {.low = 1, .high = 100000},
             "neighbors of an image that training draws from");
  schema.add("update_cluster_head_only", &settings.head_only,
             "keep the backbone frozen, train the cluster heads only");
  const auto group = schema.group("criterion_kwargs");
  schema.add("entropy_weight", &settings.entropy_weight, {.low = 0},
             "weight of the entropy (even use of clusters) against the consistency (agreement with "
             "neighbors)");
}

void ScanTask::describe(Group& group, Message& message) const {
  message.values["task"] = name();
  message.values["seed"] = seed_;
  message.values["has_prior"] = size_prior_.defined();
  message.tensors.push_back(tensor_of_value(settings_));
  message.tensors.push_back(
      at::tensor(neighbors_.values, at::kLong).view({neighbors_.rows, neighbors_.columns}));
  if (size_prior_.defined()) message.tensors.push_back(size_prior_);
  describe_shift(shift_, message);
  inputs_->describe(group, message);
}

}  // namespace nolabel
