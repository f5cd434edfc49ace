// The one training loop: epochs, steps, checkpoints, logs, guards. Tasks (task.h) say what is
// trained.
#pragma once

#include <filesystem>
#include <memory>

#include "nolabel/record/observer.h"
#include "nolabel/train/settings.h"
#include "nolabel/train/task.h"

namespace nolabel {

// Trains for settings.epochs, or goes on from directory/checkpoint.pth.tar if it is there: on the
// CPU with the same threads the result is then the same bit for bit as without the interruption,
// wherever it happened. Writes checkpoint.pth.tar, metrics.jsonl and TensorBoard events into
// `directory`. With EMA, the model has the averaged parameters afterwards.
//
// The processes of `group`, which this one leads, make each step together (group_training.h).
//
// Throws Error(Fault::stopped) after a checkpoint when the observer's token was used, and
// Error(Fault::data) when the loss is not finite (the weights of the last good step are in the
// checkpoint it names).
void train(Task& task, Model& model, const TrainSettings& settings,
           const std::filesystem::path& directory, const Observer& observer,
           const std::shared_ptr<Group>& group = single_process());

// Optimizer steps per epoch: whole batches only, the last partial one is dropped; one batch of all
// images when there are fewer than batch_size.
int64_t steps_per_epoch(int64_t samples, int batch_size);

}  // namespace nolabel
