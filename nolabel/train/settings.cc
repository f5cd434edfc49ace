#include "nolabel/train/settings.h"

#include <nlohmann/json.hpp>

namespace nolabel {

void declare(Schema& schema, TrainSettings& settings) {
  schema.add("epochs", &settings.epochs, {.low = 1, .high = 1000000}, "passes over the images");
  schema.add("batch_size", &settings.batch_size, {.low = 1, .high = 1000000},
             "images per optimizer step (all of them when there are fewer)");
  schema.add("micro_batch_size", &settings.micro_batch_size, {.low = 0, .high = 1000000},
             "images per forward pass, for less memory; 0 is the whole batch");
  declare(schema, settings.optimizer);
  declare(schema, settings.schedule);
  schema.add("use_ema", &settings.use_ema,
             "keep an exponential moving average of the weights and use it as the result");
  schema.add("ema_alpha", &settings.ema_alpha, {.low = 0, .high = 1},
             "share of the average that stays at each step");
  schema.add(
      "ema_mode", &settings.ema_mode,
      {{"teacher", EmaMode::teacher}, {"published", EmaMode::published}},
      "teacher: keep the average beside the model and use the average as the result; published: "
      "load the average back into the model after each step and reset batch norm's statistics");
  schema.add(
      "module_prefix", &settings.module_prefix,
      "write a checkpoint's tensor names with `module.` in front, as the published program's "
      "scan and selflabel do (a DataParallel model's names)",
      Effect::none);
  schema.add("sync_batch_norm", &settings.sync_batch_norm,
             "of several processes: batch norm takes its statistics from the images of all; false: "
             "each process from its own share",
             Effect::none);
  schema.add("checkpoint_minutes", &settings.checkpoint_minutes, {.low = 0},
             "also write a checkpoint this often within an epoch", Effect::none);
}

nlohmann::json batch_norm_values(const TrainSettings& settings, const Group& group) {
  if (settings.sync_batch_norm || group.size() == 1) return nlohmann::json::object();
  return {{"batch_norm_processes", group.size()}};
}

}  // namespace nolabel
