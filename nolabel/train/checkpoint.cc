#include "nolabel/train/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "nolabel/base/error.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/weights/prefix.h"

namespace nolabel {
namespace {

ValueDict& dict_of(Value& value) {
  return *std::get<std::shared_ptr<ValueDict>>(value.data);
}

const Value& require(const Value& value, const std::string& key,
                     const std::filesystem::path& path) {
  const Value* found = value.find(key);
  if (!found) fail_data("{} must be a training checkpoint. It has no '{}'.", path.string(), key);
  return *found;
}

int64_t integer(const Value& value, const std::string& key, const std::filesystem::path& path) {
  const Value& found = require(value, key, path);
  if (const auto* number = std::get_if<int64_t>(&found.data)) return *number;
  fail_data("{} must hold a whole number as '{}'. It does not.", path.string(), key);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                      const TrainSettings& settings) {
  Value ours = Value::dict({
      {std::string("step"), state.cursor.step},
      {std::string("seed"), static_cast<int64_t>(settings.seed)},
      {std::string("batch_size"), static_cast<int64_t>(settings.batch_size)},
      {std::string("threads"), static_cast<int64_t>(at::get_num_threads())},
      {std::string("log"), state.log.state()},
      {std::string("extra"), state.step.extra_state()},
  });
  const StateDict weights = settings.module_prefix
                                ? with_prefix(state.model.state_dict(), "module.")
                                : state.model.state_dict();
  Value checkpoint = Value::dict({
      {std::string("optimizer"), state.step.optimizer_state()},
      {std::string("model"), to_value(weights)},
      {std::string("epoch"), static_cast<int64_t>(state.cursor.epoch)},
  });
  Value task = state.task.state();
  for (auto& entry : dict_of(task)) dict_of(checkpoint).push_back(std::move(entry));
  dict_of(checkpoint).emplace_back(std::string("nolabel"), std::move(ours));
  write_torch_file(path, checkpoint);
}

std::optional<std::string> read_checkpoint(const std::filesystem::path& path, TrainingState& state,
                                           const TrainSettings& settings) {
  const Value checkpoint = read_weights_file(path);
  // The published program's names carry a `module.` prefix.
  state.model.load_state_dict(model_weights(checkpoint, path.string()).state);
  if (!checkpoint.find("model")) {
    state.task.load_state(checkpoint);
    state.step.restart_average();
    state.cursor = {settings.epochs, 0};
    return "this file holds only weights, so nolabel treats its training as finished";
  }
  state.step.load_optimizer_state(require(checkpoint, "optimizer", path));
  state.task.load_state(checkpoint);
  state.cursor = {static_cast<int>(integer(checkpoint, "epoch", path)), 0};
  const Value* ours = checkpoint.find("nolabel");
  if (!ours) {
    state.step.restart_average();
    return "another program wrote this file; training continues at the start of the next epoch";
  }

  state.cursor.step = integer(*ours, "step", path);
  state.log.load_state(require(*ours, "log", path));
  state.step.load_extra_state(require(*ours, "extra", path));
  if (state.cursor.step > 0 && integer(*ours, "batch_size", path) != settings.batch_size) {
    fail_usage(
        "{} was written within an epoch with batch_size {}: it must go on with that. Received {}.",
        path.string(), integer(*ours, "batch_size", path), settings.batch_size);
  }
  std::string remark;
  if (const int64_t seed = integer(*ours, "seed", path);
      seed != static_cast<int64_t>(settings.seed)) {
    remark = format("this file was written with seed {}, but this run has {}", seed, settings.seed);
  }
  if (const int64_t threads = integer(*ours, "threads", path); threads != at::get_num_threads()) {
    if (!remark.empty()) remark += "; ";
    remark += format(
        "this file was written with {} threads, but this run has {}; the last bits may differ",
        threads, at::get_num_threads());
  }
  return remark.empty() ? std::nullopt : std::optional(remark);
}

uint64_t weights_bytes(const Model& model) {
  uint64_t bytes = 0;
  for (const NamedTensor& entry : model.state_dict()) bytes += entry.tensor.nbytes();
  return bytes;
}

uint64_t checkpoint_bytes(const Model& model, const TrainSettings& settings) {
  uint64_t all = 0, trained = 0;
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const uint64_t bytes = model.parameters()[i].tensor.nbytes();
    all += bytes;
    if (model.leaves()[i].requires_grad()) trained += bytes;
  }
  const bool sgd = settings.optimizer.kind == OptimizerKind::sgd;
  const uint64_t moments = !sgd ? 2 : settings.optimizer.momentum > 0 ? 1 : 0;
  const bool average = settings.use_ema && settings.ema_mode == EmaMode::teacher;
  return weights_bytes(model) + trained * moments + (average ? all : 0);
}

void require_checkpoint_room(uint64_t needed, uint64_t free,
                             const std::filesystem::path& directory) {
  if (free >= needed) return;
  const auto megabytes = [](uint64_t bytes) { return (bytes + 999'999) / 1'000'000; };
  fail_system(
      "{} must have {} MB free for the checkpoint and the model of the training. {} MB are free.",
      directory.string(), megabytes(needed), free / 1'000'000);
}

}  // namespace nolabel
