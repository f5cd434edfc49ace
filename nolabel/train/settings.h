// Settings of the training loop.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "nolabel/config/schema.h"
#include "nolabel/group/group.h"
#include "nolabel/train/ema.h"
#include "nolabel/train/optimizer.h"
#include "nolabel/train/schedule.h"

namespace nolabel {

struct TrainSettings {
  int epochs = 1;
  int batch_size = 128;
  // Images per forward pass; 0: the whole batch. Smaller passes need less memory and keep the
  // objective, at the price of a second forward; batch norm then takes its statistics per pass.
  int micro_batch_size = 0;
  // Batch norm takes its statistics from the whole pass of all processes; false: each process from
  // its own share, as PyTorch's DataParallel does, and the leader's running statistics are kept.
  bool sync_batch_norm = true;
  // On a GPU, the steps are repetitions of one that was recorded (step.h). Declared with the
  // device.
  bool cuda_graph = true;
  OptimizerSettings optimizer;
  ScheduleSettings schedule;
  bool use_ema = false;
  double ema_alpha = 0.999;
  EmaMode ema_mode = EmaMode::teacher;
  uint64_t seed = 0;
  // Tensor names of checkpoint.pth.tar with `module.` in front (DataParallel), as the published
  // program's clustering stages have them (docs/formats.md, Checkpoints). Both forms are read.
  bool module_prefix = false;
  // Also written after every epoch, and when the work is stopped.
  double checkpoint_minutes = 10;
};

// epochs, batch_size, optimizer…, scheduler…, use_ema, ema_alpha, ema_mode and our own. The seed
// and cuda_graph are the run's and are declared with its environment.
void declare(Schema& schema, TrainSettings& settings);

// What a training's provenance says of the processes, because it changes the result:
// {"batch_norm_processes": N} where each of several takes its own statistics, else nothing.
nlohmann::json batch_norm_values(const TrainSettings& settings, const Group& group);

}  // namespace nolabel
