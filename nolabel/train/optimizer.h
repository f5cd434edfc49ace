// SGD, Adam and AdamW on ATen's fused kernels.
//
// Weight decay is L2 added to the gradient for SGD and Adam, decoupled for AdamW, on every
// parameter. The state is saved and read as PyTorch's optimizer.state_dict() has it.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nolabel/config/schema.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

enum class OptimizerKind { sgd, adam, adamw };

struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::sgd;
  double learning_rate = 0.1;
  double weight_decay = 0;
  double momentum = 0.9;                              // sgd
  bool nesterov = false;                              // sgd
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  // adam, adamw
};

// optimizer, optimizer_kwargs.{lr, weight_decay, momentum, nesterov, …}.
void declare(Schema& schema, OptimizerSettings& settings);

class Optimizer {
 public:
  // Updates `parameters` (fp32 or fp64, all on one device) in place; shares their memory.
  Optimizer(const OptimizerSettings& settings, std::vector<at::Tensor> parameters);

  // The learning rate of the updates that follow. It lies in a tensor that keeps its address, so
  // that a recorded update (gpu/recording.h) reads the rate of its step.
  void set_learning_rate(double rate);
  // One update. gradients: aligned with the parameters, same type. `skip`: float scalar on the
  // device, 1 leaves parameters and state as they are (no synchronisation).
  void step(const std::vector<at::Tensor>& gradients, const at::Tensor& skip);

  // {'state': {i: …}, 'param_groups': [{…, 'params': [0, 1, …]}]}
  Value state() const;
  // Also PyTorch 1.4's form, keyed by large numbers and with a Python int as step. Throws
  // Error(Fault::data) when it belongs to other parameters.
  void load_state(const Value& value);

 private:
  void load_parameter_state(size_t i, const Value& state);
  OptimizerSettings settings_;
  std::vector<at::Tensor> parameters_;
  at::Tensor learning_rate_;                // scalar on the device
  std::vector<at::Tensor> first_moments_;   // momentum buffers or Adam's exp_avg
  std::vector<at::Tensor> second_moments_;  // Adam's exp_avg_sq
  std::vector<at::Tensor> steps_;           // Adam's, float scalars
};

}  // namespace nolabel
