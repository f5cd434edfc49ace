// For the tests of the tasks: inputs that remember what they were asked for, and checks that every
// task must pass.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "nolabel/base/random.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/train/input_source.h"
#include "nolabel/train/step.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel::testing_tasks {

using testing_models::wave;
using Tensors = std::vector<at::Tensor>;

// Views [3,8,8] of noise, each a function of (epoch, image, position, role).
class NoiseViews : public InputSource {
 public:
  struct Pass {
    int64_t rows;
    ForwardMode mode;
    bool with_gradient;
    bool operator==(const Pass&) const = default;
  };
  struct Record {
    std::vector<std::vector<ViewOf>> gathered;
    std::vector<Pass> passes;
  };

  // Batch norm uses its running statistics whatever the task says if `frozen_statistics`: an
  // image's features then do not depend on the others of its pass.
  NoiseViews(int64_t images, std::shared_ptr<Record> record, bool frozen_statistics = false)
      : images_(images), record_(std::move(record)), frozen_statistics_(frozen_statistics) {}

  int64_t size() const override { return images_; }
  at::Tensor gather(int epoch, std::span<const ViewOf> views) const override {
    record_->gathered.emplace_back(views.begin(), views.end());
    at::Tensor pixels = at::empty({static_cast<int64_t>(views.size()), 3, 8, 8});
    for (size_t i = 0; i < views.size(); ++i) {
      Random random(static_cast<uint64_t>(views[i].image), Purpose::view, epoch,
                    static_cast<uint32_t>(views[i].position), views[i].role);
      float* out = pixels[static_cast<int64_t>(i)].mutable_data_ptr<float>();
      for (int64_t p = 0; p < 3 * 8 * 8; ++p) out[p] = random.uniform(-1, 1);
    }
    return pixels;
  }
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override {
    record_->passes.push_back({inputs.size(0), mode, c10::GradMode::is_enabled()});
    return model.features(inputs, frozen_statistics_ ? ForwardMode::evaluate : mode);
  }
  void describe(Group&, Message&) const override { FAIL() << "no process works on it with others"; }

 private:
  const int64_t images_;
  const std::shared_ptr<Record> record_;
  const bool frozen_statistics_;
};

// Features [2,N,D]: of the first view (role 0) and the second (role 1) of every image.
class FixedFeatures : public InputSource {
 public:
  explicit FixedFeatures(at::Tensor features) : features_(std::move(features)) {}
  int64_t size() const override { return features_.size(1); }
  at::Tensor gather(int, std::span<const ViewOf> views) const override {
    Tensors rows;
    for (const ViewOf& view : views) rows.push_back(features_[view.role][view.image]);
    return at::stack(rows);
  }
  at::Tensor features(Model&, const at::Tensor& inputs, ForwardMode) const override {
    return inputs;
  }
  void describe(Group&, Message&) const override { FAIL() << "no process works on it with others"; }

 private:
  const at::Tensor features_;
};

inline std::vector<int64_t> in_order(int64_t samples) {
  std::vector<int64_t> order(samples);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// Copies of the parameters and buffers whose name starts with `prefix`.
inline Tensors weights(const Model& model, const std::string& prefix = "") {
  Tensors copies;
  for (const NamedTensor& entry : model.state_dict()) {
    if (entry.name.starts_with(prefix)) copies.push_back(entry.tensor.clone());
  }
  return copies;
}

inline bool same(const Tensors& a, const Tensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const at::Tensor& x, const at::Tensor& y) { return x.equal(y); });
}

// Every parameter becomes a wave, in float64.
inline void fill_with_waves(Model& model, double size) {
  model.place(at::kCPU, Precision::fp64);
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const at::Tensor parameter = model.parameters()[i].tensor.detach();
    parameter.copy_(size * wave(parameter.sizes(), static_cast<double>(i)));
  }
}

// In float64, the gradients of a batch that goes through in passes are those of the whole batch,
// and they are not all zero. The task's batch norms must have frozen statistics.
inline void expect_passes_do_not_change_gradients(Task& task, Model& model) {
  model.place(at::kCPU, Precision::fp64);
  task.choose_parameters(model);
  const std::vector<int64_t> order = in_order(task.samples());
  std::vector<Tensors> gradients;
  for (const int pass : {0, 8, 5}) {
    TrainSettings settings;
    settings.micro_batch_size = pass;
    TrainingStep step(task, model, settings);
    step.run({0, 0, order}, /*learning_rate=*/0);
    gradients.push_back(step.gradients());
  }
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    const double size = gradients[0][i].norm().item<double>();
    EXPECT_GT(size, 0) << i;
    for (const size_t other : {1, 2}) {
      EXPECT_LE((gradients[0][i] - gradients[other][i]).norm().item<double>(),
                1e-10 * size + 1e-14);
    }
  }
}

// Three steps on all samples of `task`: losses, weights and averaged weights are those of the
// golden file, which tools/golden/tasks.py made.
inline void expect_steps_equal(const std::filesystem::path& golden, Task& task, Model& model,
                               const TrainSettings& settings) {
  const Value expected = read_weights_file(golden);
  const auto expect = [&expected](const std::string& name, const at::Tensor& actual) {
    const Value* found = expected.find(name);
    ASSERT_TRUE(found) << name;
    const at::Tensor& values = std::get<at::Tensor>(found->data);
    EXPECT_TRUE(at::allclose(actual, values, 1e-9, 1e-12)) << name;
  };
  task.choose_parameters(model);
  TrainingStep step(task, model, settings);
  const std::vector<int64_t> order = in_order(task.samples());
  Tensors losses;
  for (int i = 0; i < 3; ++i) {
    losses.push_back(step.run({0, 0, order}, settings.optimizer.learning_rate).parts[0].second);
  }
  expect("losses", at::stack(losses));
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const NamedTensor& parameter = model.parameters()[i];
    expect(parameter.name, parameter.tensor.detach());
    if (step.ema()) expect("averaged." + parameter.name, step.ema()->shadow()[i]);
  }
}

}  // namespace nolabel::testing_tasks
