// For the tests of the loop: a task, a small model, and a folder to train in.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "nolabel/base/random.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/train/loop.h"
#include "nolabel/train/task_testing.h"

namespace nolabel::testing_loop {

namespace fs = std::filesystem;
using testing_tasks::same;
using testing_tasks::weights;

constexpr int64_t images = 24, side = 8;

// Couples the whole batch, as all our losses do: the variance of the outputs over the batch.
class CouplingTask : public Task {
 public:
  double scale = 1;  // NaN provokes the guard
  bool trains_nothing = false;
  std::function<void()> on_save;
  int unused_clusters = 0;
  at::ScalarType type = at::kFloat;
  bool frozen_statistics = false;
  int validations = 0;
  std::function<void(int)> on_validation;  // with the count so far

  std::string name() const override { return "coupling"; }
  int64_t samples() const override { return images; }
  void choose_parameters(Model& model) const override {
    model.require_gradients(Trainable::everything);
  }
  std::vector<at::Tensor> inputs(const SampleRange& range) const override {
    at::Tensor views = at::empty({static_cast<int64_t>(range.samples.size()), 3, side, side});
    for (size_t i = 0; i < range.samples.size(); ++i) {
      Random random(7, Purpose::view, range.epoch,
                    static_cast<uint32_t>(range.first_position + static_cast<int64_t>(i)),
                    static_cast<uint32_t>(range.samples[i]));
      float* pixels = views[static_cast<int64_t>(i)].mutable_data_ptr<float>();
      for (int64_t p = 0; p < 3 * side * side; ++p) pixels[p] = random.uniform(-1, 1);
    }
    return {views.to(type)};
  }
  std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                  bool update) const override {
    ForwardMode mode = update ? ForwardMode::train : ForwardMode::train_without_update;
    if (frozen_statistics) mode = ForwardMode::evaluate;
    return {model.embeddings(model.features(inputs[0], mode))};
  }
  LossValues loss(const std::vector<at::Tensor>& outputs) const override {
    const at::Tensor total = outputs[0].var(0).sum().neg() * scale;
    const at::Tensor reported =
        trains_nothing ? at::full_like(total.detach(), NAN) : total.detach();
    LossValues values{
        .total = total, .parts = {{"loss", reported}}, .trains_nothing = {}, .cluster_counts = {}};
    if (trains_nothing) values.trains_nothing = at::ones({}, at::kBool);
    at::Tensor counts = at::ones({1, 4}, at::kLong);
    counts.narrow(1, 0, unused_clusters).zero_();
    values.cluster_counts = counts;
    return values;
  }
  nlohmann::json validate(Model&, int) override {
    if (on_validation) on_validation(validations);
    return {{"count", ++validations}};
  }
  void save() override {
    if (on_save) on_save();
  }
  Value state() const override {
    return Value::dict({{std::string("validations"), static_cast<int64_t>(validations)}});
  }
  void load_state(const Value& state) override {
    validations = static_cast<int>(std::get<int64_t>(state.find("validations")->data));
  }
  void describe(Group&, Message&) const override { FAIL() << "no process works on it with others"; }
};

inline Model small_model() {
  return Model({.backbone = testing_models::slim_backbone(), .embedding_dimensions = 8}, 11);
}

inline TrainSettings settings_for(int epochs) {
  TrainSettings settings;
  settings.epochs = epochs;
  settings.batch_size = 8;
  settings.optimizer.learning_rate = 0.05;
  settings.use_ema = true;
  return settings;
}

class LoopTest : public testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    fs::remove_all(directory);
  }
  void TearDown() override { fs::remove_all(directory); }

  std::vector<at::Tensor> train_in(const fs::path& where, int epochs,
                                   const Observer& observer = {}) {
    CouplingTask task;
    Model model = small_model();
    train(task, model, settings_for(epochs), where, observer);
    return weights(model);
  }
  const fs::path directory =
      fs::path(testing::TempDir()) / format("loop_test_{}", static_cast<int64_t>(getpid()));
};

}  // namespace nolabel::testing_loop
