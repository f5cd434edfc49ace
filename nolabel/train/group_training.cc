#include "nolabel/train/group_training.h"

#include <algorithm>

#include "nolabel/base/file.h"
#include "nolabel/data/order.h"
#include "nolabel/train/loop.h"
#include "nolabel/weights/weights_file.h"
#include "nolabel/workers/shared_model.h"

namespace nolabel {
namespace {

// The settings that a step needs; the schedule is the leader's, who says each step's rate.
struct StepSettings {
  int batch_size, micro_batch_size;
  OptimizerSettings optimizer;
  bool use_ema;
  double ema_alpha;
  EmaMode ema_mode;
  uint64_t seed;
  bool sync_batch_norm;
};

StepSettings of_step(const TrainSettings& settings) {
  return {settings.batch_size, settings.micro_batch_size, settings.optimizer,
          settings.use_ema,    settings.ema_alpha,        settings.ema_mode,
          settings.seed,       settings.sync_batch_norm};
}

TrainSettings train_settings(const StepSettings& of_step) {
  TrainSettings settings;
  settings.batch_size = of_step.batch_size;
  settings.micro_batch_size = of_step.micro_batch_size;
  settings.optimizer = of_step.optimizer;
  settings.use_ema = of_step.use_ema;
  settings.ema_alpha = of_step.ema_alpha;
  settings.ema_mode = of_step.ema_mode;
  settings.seed = of_step.seed;
  settings.sync_batch_norm = of_step.sync_batch_norm;
  return settings;
}

// Moments, averaged weights and the loss scale travel in the format of a checkpoint.
at::Tensor state_of(const TrainingStep& step) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "state.pth";
  write_torch_file(file, Value::dict({{std::string("optimizer"), step.optimizer_state()},
                                      {std::string("extra"), step.extra_state()}}));
  return tensor_of_text(read_file(file));
}

void load_state(TrainingStep& step, const at::Tensor& bytes) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "state.pth";
  write_file(file, text_of(bytes));
  const Value state = read_weights_file(file);
  const Value *optimizer = state.find("optimizer"), *extra = state.find("extra");
  NOLABEL_ASSERT(optimizer && extra);
  step.load_optimizer_state(*optimizer);
  step.load_extra_state(*extra);
}

}  // namespace

void share_training(Group& group, const Task& task, const Model& model,
                    const TrainSettings& settings, const TrainingStep& step,
                    const Observer& observer) {
  if (group.size() == 1) return;
  Message message{.subject = training_subject,
                  .tensors = {tensor_of_value(of_step(settings)), state_of(step)}};
  task.describe(group, message);
  describe_model(model, message);
  broadcast(group, message);
  const std::string remark = group.use_device(model.device());
  if (!remark.empty()) observer.note(format("{}: {}", task.name(), remark));
}

void end_shared_training(Group& group) {
  if (group.size() == 1) return;
  Message message{.subject = trained_subject};
  broadcast(group, message);
}

void share_step(Group& group, int epoch, int64_t step, double learning_rate) {
  if (group.size() == 1)
    return;  // before a message is made, which each step of a head would notice
  Message message{.subject = step_subject,
                  .values = {{"epoch", epoch}, {"step", step}},
                  .tensors = {tensor_of_value(learning_rate)}};
  broadcast(group, message);
}

TrainingWorker::TrainingWorker(std::shared_ptr<Group> group, Message& message,
                               const MakeTask& make_task)
    : model_(model_of(*group, message)) {
  group->use_device(model_.device());
  MessageReader reader(message);
  settings_ = train_settings(reader.next_value<StepSettings>());
  const at::Tensor state = reader.next();
  task_ = make_task(reader);
  task_->choose_parameters(model_);
  step_ = std::make_unique<TrainingStep>(*task_, model_, settings_, std::move(group));
  load_state(*step_, state);
}

SampleRange TrainingWorker::batch(int64_t step) const {
  const auto size = std::min<int64_t>(settings_.batch_size, task_->samples());
  return {epoch_, step * size, std::span(order_).subspan(step * size, size)};
}

void TrainingWorker::make_step(const Message& message) {
  const int epoch = message.values.at("epoch");
  const int64_t step = message.values.at("step");
  if (epoch != epoch_) {
    epoch_ = epoch;
    order_ = epoch_order(task_->samples(), settings_.seed, epoch);
  }
  std::optional<SampleRange> next;
  if (step + 1 < steps_per_epoch(task_->samples(), settings_.batch_size)) next = batch(step + 1);
  step_->run(batch(step), value_of<double>(message.tensors[0]), next);
}

}  // namespace nolabel
