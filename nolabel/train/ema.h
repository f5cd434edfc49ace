// Exponential moving average of the parameters: after each step, shadow <- a shadow + (1 - a) w.
//
// teacher    the average is kept beside the student and is the result; batch-norm statistics are
//            the student's own
// published  what the published program does: the average is loaded back into the student after
//            each step, and batch norm's running statistics are reset to their values at the start,
//            so the step taken is (1 - a) of the optimizer's
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "nolabel/model/model.h"

namespace nolabel {

enum class EmaMode { teacher, published };

class Ema {
 public:
  // The shadow starts as a copy of the model's parameters. Shares the model's memory; `published`
  // writes to it.
  Ema(const Model& model, double alpha, EmaMode mode = EmaMode::teacher);
  // After a step and before the working weights are refreshed. `skipped` [] holds 1 when it changed
  // nothing: the average then stays, too.
  void update(const at::Tensor& skipped);
  // Starts again from the model as it is now.
  void restart();
  const std::vector<at::Tensor>& shadow() const { return shadow_; }
  // What a resume needs. Nothing when `published`: the student is the shadow, so that load_state()
  // restarts from the model, which must be loaded already, and loses nothing by it.
  std::vector<at::Tensor> state() const;
  void load_state(const std::vector<at::Tensor>& state);

 private:
  void move_shadow(const at::Tensor& weight);

  const EmaMode mode_;
  const double alpha_;
  std::vector<at::Tensor> parameters_, shadow_;
  std::vector<at::Tensor> buffers_, buffers_at_start_;  // published
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
