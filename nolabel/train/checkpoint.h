// checkpoint.pth.tar: everything that a resumed training needs to continue as if it had not
// stopped. The published layout {'optimizer', 'model', 'epoch', …the task's own}, and under
// 'nolabel' what is ours: the cursor within the epoch, sums, averaged weights, seed, threads.
#pragma once

#include <filesystem>
#include <optional>

#include "nolabel/train/epoch_log.h"
#include "nolabel/train/step.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

// `epoch` epochs are complete, and `step` batches of the next.
struct Cursor {
  int epoch = 0;
  int64_t step = 0;
};

struct TrainingState {
  Task& task;
  Model& model;
  TrainingStep& step;
  EpochLog& log;
  Cursor& cursor;
};

// Written whole or not at all.
void write_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                      const TrainSettings& settings);

// Restores `state` and returns a remark when the run was started in another way (threads, seed),
// which may change the last bits of the result. A checkpoint without our part (the published
// program's) continues at the start of its next epoch, and a bare state dict, which tutorials offer
// as pretext checkpoint, counts as finished. Throws Error(Fault::data) when the file is damaged,
// Error(Fault::usage) when it belongs to another model or lies within an epoch of another batch
// size.
std::optional<std::string> read_checkpoint(const std::filesystem::path& path, TrainingState& state,
                                           const TrainSettings& settings);

// About as many bytes as the files take: the weights, and with them the averaged weights and the
// optimizer's moments of the parameters that train (Model::require_gradients).
uint64_t weights_bytes(const Model& model);
uint64_t checkpoint_bytes(const Model& model, const TrainSettings& settings);

// Throws Error(Fault::system) when fewer than `needed` bytes are free for the files of a training
// in `directory`.
void require_checkpoint_room(uint64_t needed, uint64_t free,
                             const std::filesystem::path& directory);

}  // namespace nolabel
