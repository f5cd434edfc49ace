// The self-label step: the model learns its own confident predictions.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "nolabel/config/schema.h"
#include "nolabel/train/feature_normalization.h"
#include "nolabel/train/input_source.h"
#include "nolabel/train/selected_model.h"
#include "nolabel/train/task.h"

namespace nolabel {

struct SelflabelSettings {
  double confidence_threshold = 0.99;
  bool balanced = true;    // criterion_kwargs.apply_class_balancing
  bool head_only = false;  // backbone frozen, in eval mode (ours; the published step trains all)
};

// confidence_threshold, criterion_kwargs.apply_class_balancing, update_cluster_head_only.
void declare(Schema& schema, SelflabelSettings& settings);

class SelflabelTask : public Task {
 public:
  // `weak` gives the evaluation view and `strong` a random view of the same images. The state dict
  // is written to `model_path`; the last epoch's counts. With a `shift`, the head learns from
  // shifted features, and is written for features as they are.
  SelflabelTask(const SelflabelSettings& settings, std::unique_ptr<InputSource> weak,
                std::unique_ptr<InputSource> strong, std::filesystem::path model_path,
                std::optional<FeatureShift> shift = std::nullopt);

  std::string name() const override { return "selflabel"; }
  int64_t samples() const override { return weak_->size(); }
  void choose_parameters(Model& model) const override;
  // Two tensors: weak [b,…] and strong [b,…].
  std::vector<at::Tensor> inputs(const SampleRange& range) const override;
  // Weak logits [b,C] without gradient, strong logits [b,C]; in this order, both in train mode, so
  // batch norm sees the weak views too.
  std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                  bool update_statistics) const override;
  LossValues loss(const std::vector<at::Tensor>& outputs) const override;
  nlohmann::json validate(Model& model, int epoch) override;
  void save() override;
  Value state() const override;
  void load_state(const Value& state) override {}
  void describe(Group& group, Message& message) const override;

 private:
  SelflabelSettings settings_;
  std::unique_ptr<InputSource> weak_, strong_;
  std::optional<FeatureShift> shift_;
  SelectedModel model_;
};

}  // namespace nolabel
