#include "nolabel/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nolabel {

double learning_rate(const ScheduleSettings& settings, double base, int epoch, int epochs) {
  switch (settings.kind) {
    case Schedule::constant:
      return base;
    case Schedule::cosine: {
      const double minimum = base * std::pow(settings.decay_rate, 3);
      return minimum + (base - minimum) * (1 + std::cos(std::numbers::pi * epoch / epochs)) / 2;
    }
    case Schedule::step: {
      const auto passed = std::count_if(settings.decay_epochs.begin(), settings.decay_epochs.end(),
                                        [epoch](int decay_epoch) { return decay_epoch < epoch; });
      return base * std::pow(settings.decay_rate, static_cast<double>(passed));
    }
  }
  return base;
}

double warmup_factor(const ScheduleSettings& settings, int64_t step, int64_t steps_per_epoch) {
  const double warmup_steps = static_cast<double>(settings.warmup_epochs) * steps_per_epoch;
  return std::min(1.0, (step + 1) / std::max(warmup_steps, 1.0));
}

void declare(Schema& schema, ScheduleSettings& settings) {
  schema.add(
      "scheduler", &settings.kind,
      {{"constant", Schedule::constant}, {"cosine", Schedule::cosine}, {"step", Schedule::step}},
      "how the learning rate changes over the epochs");
  schema.add("warmup_epochs", &settings.warmup_epochs, {.low = 0, .high = 100000},
             "epochs in which the learning rate rises linearly from 0");
  const auto group = schema.group("scheduler_kwargs");
  schema.add("lr_decay_rate", &settings.decay_rate, {.low = 0, .high = 1},
             "cosine ends at lr * rate^3; step multiplies by the rate");
  schema.add("lr_decay_epochs", &settings.decay_epochs, {.low = 0},
             "epochs after which step multiplies the learning rate");
}

}  // namespace nolabel
