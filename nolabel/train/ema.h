// Exponential moving average of the parameters: after each step, shadow <- a shadow + (1 - a) w.
// Parameters only; batch-norm statistics are the model's own.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nolabel/model/model.h"

namespace nolabel {

class Ema {
 public:
  // The shadow starts as a copy of the model's parameters.
  Ema(const Model& model, double alpha);
  // After a step. `skipped` [] holds 1 when it changed nothing: the average then stays, too.
  void update(const at::Tensor& skipped);
  // Starts again from the parameters as they are now.
  void restart();
  const std::vector<at::Tensor>& shadow() const { return shadow_; }
  void load_state(const std::vector<at::Tensor>& shadow);

 private:
  std::vector<at::Tensor> parameters_, shadow_;
  double alpha_;
};

// While it lives the model has the averaged parameters; then its own again, unless keep() was
// called. Does nothing when `ema` is null.
class WithAveragedParameters {
 public:
  WithAveragedParameters(Model& model, const Ema* ema);
  WithAveragedParameters(const WithAveragedParameters&) = delete;
  WithAveragedParameters& operator=(const WithAveragedParameters&) = delete;
  ~WithAveragedParameters();
  void keep() { own_.clear(); }

 private:
  Model& model_;
  std::vector<at::Tensor> own_;
};

}  // namespace nolabel
