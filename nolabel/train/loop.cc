#include "nolabel/train/loop.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "nolabel/base/duration.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/order.h"
#include "nolabel/processor/compute_threads.h"
#include "nolabel/record/metrics_log.h"
#include "nolabel/record/progress_meter.h"
#include "nolabel/record/tensorboard.h"
#include "nolabel/train/checkpoint.h"
#include "nolabel/train/empty_warnings.h"
#include "nolabel/train/epoch_log.h"
#include "nolabel/train/group_training.h"
#include "nolabel/train/step.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The numbers of an epoch's record, "validation/total" for nested ones.
std::vector<Scalar> scalars_of(const nlohmann::json& record) {
  std::vector<Scalar> scalars;
  const nlohmann::json flat = record.flatten();  // outlives items()
  for (const auto& [pointer, value] : flat.items()) {
    if (value.is_number()) scalars.push_back({pointer.substr(1), value.get<double>()});
  }
  return scalars;
}

// On a GPU the loss is looked at this often, because looking waits for the device.
constexpr int64_t steps_between_looks = 50;

// Work that takes longer than this says so once it has gone on for long enough to know.
constexpr double seconds_worth_an_estimate = 60, seconds_before_estimate = 3;

// A checkpoint takes longer than an epoch of a few images does, and costs at most so much work.
constexpr double seconds_between_epochs_saved = 5;

class Loop {
 public:
  Loop(Task& task, Model& model, const TrainSettings& settings, const fs::path& directory,
       const Observer& observer, std::shared_ptr<Group> group)
      : task_(task),
        model_(model),
        settings_(settings),
        directory_(directory),
        observer_(observer),
        group_(std::move(group)),
        batch_size_(std::min<int64_t>(settings.batch_size, task.samples())),
        steps_(steps_per_epoch(task.samples(), settings.batch_size)),
        step_(prepared(task, model), model, settings, group_,
              recording_of_steps(model, settings, *group_)),
        warnings_(task.name(), observer) {}

  void run() {
    make_directory(directory_);
    resume();
    require_room();
    say_batch_size();
    metrics_.emplace(directory_ / "metrics.jsonl", cursor_.epoch + 1);
    events_.emplace(directory_, cursor_.epoch + 1);
    meter_.emplace(task_.name(), "images", total_images(), done_images());
    start_ = last_checkpoint_ = Clock::now();
    if (cursor_.epoch >= settings_.epochs) save_finished();
    try {
      if (cursor_.epoch < settings_.epochs) {
        share_training(*group_, task_, model_, settings_, step_, observer_);
      }
      while (cursor_.epoch < settings_.epochs) train_one_epoch();
      end_shared_training(*group_);
    } catch (const std::exception& exception) {
      const Error error = as_error(exception);
      if (error.fault() != Fault::system) throw;
      fail_system("{}. {}{}", error.what(), means_no_memory(exception) ? smaller_passes() : "",
                  what_is_saved());
    }
    warnings_.at_end();
    WithAveragedParameters(model_, step_.ema()).keep();
  }

 private:
  void train_one_epoch() {
    epoch_start_ = Clock::now();
    waited_before_ = step_.seconds_waited();
    steps_here_ = 0;
    run_epoch();
    const nlohmann::json record = finish_epoch();
    metrics_->append(record);
    events_->write(cursor_.epoch + 1, scalars_of(record));
    log_ = EpochLog();
    cursor_ = {cursor_.epoch + 1, 0};
    const bool last = cursor_.epoch == settings_.epochs;
    if (last || seconds_since(last_checkpoint_) > seconds_between_epochs_saved) save();
  }

  static Task& prepared(Task& task, Model& model) {
    task.choose_parameters(model);
    return task;
  }

  fs::path checkpoint_path() const { return directory_ / "checkpoint.pth.tar"; }
  TrainingState state() { return {task_, model_, step_, log_, cursor_}; }

  void resume() {
    if (!fs::exists(checkpoint_path())) return;
    TrainingState restored = state();
    const auto remark = read_checkpoint(checkpoint_path(), restored, settings_);
    model_.refresh_working_weights();
    if (remark) observer_.warn(format("{}: {}", checkpoint_path().string(), *remark));
    saved_ = true;
    if (cursor_.epoch >= settings_.epochs && cursor_.step > 0) {
      fail_usage("epochs must be at least {}, because {} was written within epoch {}. Received {}.",
                 cursor_.epoch + 1, checkpoint_path().string(), cursor_.epoch + 1,
                 settings_.epochs);
    }
    if (cursor_.epoch < settings_.epochs) {
      observer_.note(format("{}: continuing after epoch {} of {}, step {} of {}", task_.name(),
                            cursor_.epoch, settings_.epochs, cursor_.step, steps_));
    }
  }

  void say_batch_size() const {
    if (batch_size_ < settings_.batch_size && cursor_.epoch < settings_.epochs) {
      observer_.warn(
          format("{}: batch_size is {}, but there are only {} images; each epoch trains one batch "
                 "of all images",
                 task_.name(), settings_.batch_size, task_.samples()));
    }
  }

  // On a GPU steps may lie behind whose loss nobody has looked at: what is not finite is not saved.
  void save() {
    require_good_steps();
    metrics_->flush();  // the epochs of a checkpoint are never repeated
    events_->flush();
    task_.save();
    write_checkpoint(checkpoint_path(), state(), settings_);
    saved_ = true;
    last_checkpoint_ = Clock::now();
  }

  // A new file is written beside the old one before it takes its place.
  void require_room() const {
    if (cursor_.epoch >= settings_.epochs) return;
    const uint64_t each = checkpoint_bytes(model_, settings_) + weights_bytes(model_);
    require_checkpoint_room(saved_ ? each : 2 * each, free_disk_bytes(directory_), directory_);
  }

  std::string smaller_passes() const {
    const int64_t now = settings_.micro_batch_size > 0 ? settings_.micro_batch_size : batch_size_;
    if (now == 1) return "";
    return format("{} with micro_batch_size {} needs less, and the objective stays the same. ",
                  task_.name(), now / 2);
  }

  std::string what_is_saved() const {
    if (!saved_) return "No checkpoint has been written yet";
    return format("The last checkpoint is {}; run the same command again to continue from there",
                  checkpoint_path().string());
  }

  int64_t total_images() const { return settings_.epochs * steps_ * batch_size_; }
  int64_t done_images() const { return (cursor_.epoch * steps_ + cursor_.step) * batch_size_; }

  double rate(int64_t step) const {
    const double base = learning_rate(settings_.schedule, settings_.optimizer.learning_rate,
                                      cursor_.epoch, settings_.epochs);
    return base * warmup_factor(settings_.schedule, cursor_.epoch * steps_ + step, steps_);
  }

  SampleRange batch_of(std::span<const int64_t> order, int64_t step) const {
    const int64_t begin = step * batch_size_;
    return {cursor_.epoch, begin,
            order.subspan(static_cast<size_t>(begin), static_cast<size_t>(batch_size_))};
  }

  void run_epoch() {
    const std::vector<int64_t> order = epoch_order(task_.samples(), settings_.seed, cursor_.epoch);
    while (cursor_.step < steps_) {
      stop_if_requested();
      std::optional<SampleRange> next;
      if (cursor_.step + 1 < steps_) next = batch_of(order, cursor_.step + 1);
      share_step(*group_, cursor_.epoch, cursor_.step, rate(cursor_.step));
      log_.add(step_.run(batch_of(order, cursor_.step), rate(cursor_.step), next));
      if (time_to_look()) require_good_steps();
      ++cursor_.step;
      ++steps_here_;
      stepped_ = true;
      report_progress();
      if (seconds_since(last_checkpoint_) > settings_.checkpoint_minutes * 60) save();
    }
  }

  void stop_if_requested() {
    if (!observer_.cancel.requested()) return;
    const bool little_done = !stepped_ || seconds_since(start_) < seconds_of_work_despite_limit;
    if (observer_.cancel.passed_limit() && little_done) return;
    save_and_stop();
  }

  [[noreturn]] void save_and_stop() {
    save();
    throw Error(Fault::stopped,
                format("stopped on request after epoch {}, step {} of {}. The checkpoint is {}. "
                       "Run the same command again to continue.",
                       cursor_.epoch, cursor_.step, steps_, checkpoint_path().string()));
  }

  bool time_to_look() const {
    const bool last = cursor_.step + 1 == steps_;
    return !model_.device().is_cuda() || last || cursor_.step % steps_between_looks == 0;
  }

  // Where another process is gone, what the GPU holds is worthless, finite or not.
  void require_good_steps() const {
    group_->finish_collectives();
    if (log_.finite()) return;
    const std::string saved =
        saved_ ? format("The last good checkpoint is {}.", checkpoint_path().string())
               : "No checkpoint has been written yet.";
    fail_data(
        "the loss is not finite at epoch {}, step {} (learning rate {:.3g}). {} A lower "
        "learning rate may help.",
        cursor_.epoch + 1, std::min(cursor_.step + 1, steps_), rate(cursor_.step), saved);
  }

  void report_progress() {
    const Progress progress = meter_->update(
        done_images(), format("epoch {} of {}", cursor_.epoch + 1, settings_.epochs));
    if (!estimated_ && seconds_since(start_) > seconds_before_estimate) {
      estimated_ = true;
      if (progress.seconds_left > seconds_worth_an_estimate) {
        observer_.note(format("{}: training takes about {} more to finish {} epochs", task_.name(),
                              duration_text(progress.seconds_left), settings_.epochs));
      }
    }
    if (observer_.progress) observer_.progress(progress);
  }

  nlohmann::json finish_epoch() {
    const double seconds = seconds_since(epoch_start_);
    nlohmann::json record = {{"stage", task_.name()}, {"epoch", cursor_.epoch + 1}};
    record.update(log_.means());
    record["lr"] = rate(steps_ - 1);
    record["seconds"] = seconds;
    record["images_per_second"] =
        static_cast<double>(steps_here_ * batch_size_) / std::max(seconds, 1e-9);
    record["seconds_waited"] = step_.seconds_waited() - waited_before_;
    warnings_.after_epoch(cursor_.epoch + 1, steps_, log_, record);
    nlohmann::json validation = validate();
    if (!validation.empty()) record["validation"] = std::move(validation);
    return record;
  }

  // Validation can take long, and then ends early when asked to stop: what is saved is the end of
  // the epoch's last step, and the validation is done again after the resume.
  nlohmann::json validate() {
    try {
      const WithAveragedParameters averaged(model_, step_.ema());
      return task_.validate(model_, cursor_.epoch);
    } catch (const Error& error) {
      if (error.fault() != Fault::stopped) throw;
    }
    save_and_stop();
  }

  // A finished training that is resumed has no epoch left after which its model would be saved: its
  // process died before the stage ended, or the checkpoint is another program's.
  void save_finished() {
    const WithAveragedParameters averaged(model_, step_.ema());
    task_.validate(model_, settings_.epochs - 1);
    task_.save();
  }

  Task& task_;
  Model& model_;
  const TrainSettings settings_;
  const fs::path directory_;
  const Observer observer_;
  const std::shared_ptr<Group> group_;
  const int64_t batch_size_, steps_;
  TrainingStep step_;
  EpochLog log_;
  Cursor cursor_;
  std::optional<MetricsLog> metrics_;
  std::optional<TensorBoardWriter> events_;
  std::optional<ProgressMeter> meter_;
  EmptyWarnings warnings_;
  int64_t steps_here_ = 0;    // of this epoch in this process
  double waited_before_ = 0;  // for inputs, until this epoch
  bool estimated_ = false;
  bool saved_ = false;    // there is a checkpoint
  bool stepped_ = false;  // this process has trained a step
  Clock::time_point start_, epoch_start_, last_checkpoint_;
};

}  // namespace

int64_t steps_per_epoch(int64_t samples, int batch_size) {
  return std::max<int64_t>(samples / batch_size, samples > 0 ? 1 : 0);
}

void train(Task& task, Model& model, const TrainSettings& settings, const fs::path& directory,
           const Observer& observer, const std::shared_ptr<Group>& group) {
  if (task.samples() == 0)
    fail_data("{} must have images to train on. There are none.", task.name());
  const ComputeThreads threads(threads_of_each(*group, at::get_num_threads()));
  Loop(task, model, settings, directory, observer, group).run();
}

}  // namespace nolabel
