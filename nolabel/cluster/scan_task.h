// The SCAN step: an image and one of its mined neighbors must get the same cluster.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "nolabel/base/npy.h"
#include "nolabel/config/schema.h"
#include "nolabel/train/feature_normalization.h"
#include "nolabel/train/input_source.h"
#include "nolabel/train/selected_model.h"
#include "nolabel/train/task.h"

namespace nolabel {

struct ScanSettings {
  double entropy_weight = 5;  // λ
  int neighbors = 20;         // drawn from the row's first neighbors + 1 entries
  bool head_only = false;     // backbone frozen, in eval mode
};

// criterion_kwargs.entropy_weight, num_neighbors, update_cluster_head_only.
void declare(Schema& schema, ScanSettings& settings);

class ScanTask : public Task {
 public:
  struct Validation {
    // Features [N,D] fp32 (CPU) of the validation images, with the backbone as it is now.
    std::function<at::Tensor(Model& model)> features;
    Matrix<int64_t> neighbors;  // [N,k+1], of the same images; -1 does not count
  };
  // `inputs`: the training images; `neighbors` [N,k+1] mined on them, -1 where a row has fewer
  // (neighbor_table.h): an image is then drawn among those that are there. The best model so far is
  // written to `model_path` as {'model': state dict, 'head': number}. With a `shift`, the heads
  // learn from shifted features; heads are scored, and the model is written, for features as they
  // are. `size_prior` [H,C] fp32 (CPU): the shares of the images that each head's clusters should
  // hold; undefined: equal ones.
  ScanTask(const ScanSettings& settings, std::unique_ptr<InputSource> inputs,
           Matrix<int64_t> neighbors, Validation validation, std::filesystem::path model_path,
           uint64_t seed, std::optional<FeatureShift> shift = std::nullopt,
           const at::Tensor& size_prior = {});

  std::string name() const override { return "scan"; }
  int64_t samples() const override { return inputs_->size(); }
  void choose_parameters(Model& model) const override;
  // Two tensors: anchors [b,…] and neighbors [b,…].
  std::vector<at::Tensor> inputs(const SampleRange& range) const override;
  // Anchor logits [b,H,C] and neighbor logits [b,H,C].
  std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                  bool update_statistics) const override;
  // The sum over the heads is minimised, the mean is reported.
  LossValues loss(const std::vector<at::Tensor>& outputs) const override;
  // Scores every head; keeps the model when its best head is strictly better than any before.
  nlohmann::json validate(Model& model, int epoch) override;
  // {'best_loss', 'best_loss_head'}, as published.
  void save() override;
  Value state() const override;
  void load_state(const Value& state) override;
  void describe(Group& group, Message& message) const override;

 private:
  at::Tensor head_logits(Model& model, const at::Tensor& inputs, bool update_statistics) const;

  ScanSettings settings_;
  std::unique_ptr<InputSource> inputs_;
  Matrix<int64_t> neighbors_;   // images before -1
  std::vector<int64_t> named_;  // images in each row
  Validation validation_;
  std::optional<FeatureShift> shift_;
  SelectedModel model_;
  uint64_t seed_;
  at::Tensor size_prior_;         // as given
  mutable at::Tensor log_prior_;  // undefined, or [H,C]; moves once to where the loss is
  double best_loss_ = 1e4;        // published start value
  int best_head_ = -1;            // none yet
};

}  // namespace nolabel
