// Learning-rate schedules (docs/method.md, Optimizers and schedules). The rate is set at the start
// of each epoch; only warm-up changes it within an epoch.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/config/schema.h"

namespace nolabel {

enum class Schedule { constant, cosine, step };

struct ScheduleSettings {
  Schedule kind = Schedule::constant;
  double decay_rate = 0.1;
  std::vector<int> decay_epochs;  // step only
  int warmup_epochs = 0;
};

// The rate for epoch `epoch` (from 0) of `epochs`.
//   cosine  m + (lr - m)(1 + cos(pi e / E)) / 2 with m = lr * rate^3
//   step    lr * rate^(number of decay epochs below e)
double learning_rate(const ScheduleSettings& settings, double base, int epoch, int epochs);

// Linear warm-up over the first warmup_epochs: the factor on the rate of the given optimizer step,
// (step + 1) / warm-up steps, then 1.
double warmup_factor(const ScheduleSettings& settings, int64_t step, int64_t steps_per_epoch);

// scheduler, scheduler_kwargs.{lr_decay_rate, lr_decay_epochs}, warmup_epochs.
void declare(Schema& schema, ScheduleSettings& settings);

}  // namespace nolabel
