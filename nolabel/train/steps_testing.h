// For the tests of the tasks: ten optimizer steps of every backbone equal PyTorch's in float64
// (tools/golden/steps.py).
#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/train/task_testing.h"

namespace nolabel::testing_tasks {

// The first view (role 0) and the second (role 1) of every image.
class FixedViews : public FixedFeatures {
 public:
  using FixedFeatures::FixedFeatures;
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    return model.features(inputs, mode);
  }
};

struct GoldenSteps {
  std::string name;  // "cifar_sgd": of the network and the optimizer
  BackboneDescription backbone;
  int64_t side;
  OptimizerKind optimizer;
  double learning_rate;
  friend void PrintTo(const GoldenSteps& steps, std::ostream* out) { *out << steps.name; }
};
constexpr int64_t golden_images = 6;

inline std::vector<GoldenSteps> golden_steps() {
  std::vector<GoldenSteps> cases;
  for (const auto& [name, optimizer] :
       {std::pair{"sgd", OptimizerKind::sgd}, std::pair{"adam", OptimizerKind::adam}}) {
    for (const auto& [network, backbone, side, sgd_rate] : testing_models::golden_backbones()) {
      const double rate = optimizer == OptimizerKind::sgd ? sgd_rate : 1e-3;
      cases.push_back({network + "_" + name, backbone, side, optimizer, rate});
    }
  }
  return cases;
}

using MakeTask = std::function<std::unique_ptr<Task>(const at::Tensor& views)>;

// Runs the case in float64 and compares losses, the last step's gradients and the weights after it
// (to 1e-9 of their size), then its first loss in fp32 (to 1e-5). `golden`: the file's content.
inline void expect_ten_steps_equal(const Value& golden, const GoldenSteps& tested,
                                   const ModelSettings& network, const MakeTask& make_task) {
  at::set_num_threads(1);
  const auto expected = [&](const std::string& what) {
    const Value* found = golden.find(tested.name + "." + what);
    return found ? std::get<at::Tensor>(found->data) : at::Tensor();
  };
  // Of two projections [P,2], the first is as large as the square root of the second, or smaller.
  const auto expect_projections = [&](const std::string& what, const at::Tensor& actual) {
    const at::Tensor wanted = expected(what);
    ASSERT_TRUE(wanted.defined() && wanted.sizes() == actual.sizes()) << what;
    const at::Tensor size =
        at::stack({wanted.select(1, 1).sqrt() + wanted.select(1, 0).abs(), wanted.select(1, 1)}, 1);
    const at::Tensor error = (actual - wanted).abs() / (size + 1e-12);
    EXPECT_LT(error.max().item<double>(), 1e-9) << what << " of number " << error.argmax();
  };

  TrainSettings settings;
  settings.optimizer = {.kind = tested.optimizer, .weight_decay = 1e-3, .momentum = 0.9};
  const std::vector<int64_t> order = in_order(golden_images);
  const at::Tensor views =
      testing_models::rough({2, golden_images, 3, tested.side, tested.side}, 0);
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    Model model(network, 0);
    model.place(at::kCPU, precision);
    testing_models::fill(model, testing_models::rough);
    model.refresh_working_weights();
    const std::unique_ptr<Task> task = make_task(views);
    task->choose_parameters(model);
    if (!model.leaves()[0].requires_grad()) {  // statistics that fit the frozen weights
      const c10::NoGradGuard no_grad;
      for (int i = 0; i < 20; ++i) model.features(views[0], ForwardMode::train);
    }
    TrainingStep step(*task, model, settings);
    Tensors losses;
    for (int i = 0; i < (precision == Precision::fp64 ? 10 : 1); ++i) {
      losses.push_back(
          step.run({0, 0, order}, tested.learning_rate).parts[0].second.to(at::kDouble));
    }
    const at::Tensor wanted = expected("losses");
    ASSERT_TRUE(wanted.defined());
    if (precision == Precision::fp32) {
      // Kernels in fp32 differ between processors: 7e-5 is the largest error seen (fp64: 1e-12).
      EXPECT_TRUE(at::allclose(losses[0], wanted[0], 5e-4, 5e-4)) << losses[0] << wanted[0];
      continue;
    }
    EXPECT_TRUE(at::allclose(at::stack(losses), wanted, 1e-9, 1e-12)) << at::stack(losses) - wanted;
    expect_projections("gradients", testing_models::projections(step.gradients()));
    Tensors state;
    for (const NamedTensor& entry : model.state_dict()) {
      if (entry.tensor.is_floating_point()) state.push_back(entry.tensor);
    }
    expect_projections("weights", testing_models::projections(state));
  }
}

}  // namespace nolabel::testing_tasks
