// A training that all processes of a group make together. The leader runs the loop (loop.h): it
// says which step comes next, and decides alone when to save, to validate and to stop. The workers
// make each step with it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "nolabel/group/message.h"
#include "nolabel/record/observer.h"
#include "nolabel/train/settings.h"
#include "nolabel/train/step.h"

namespace nolabel {

inline constexpr const char* training_subject = "train";   // what is trained
inline constexpr const char* step_subject = "train step";  // which step
inline constexpr const char* trained_subject = "trained";  // that was the last step

// In the leader, once its own state is that of the checkpoint: the workers begin with the same.
// Notes how they exchange tensors of GPUs. Nothing in a group of one.
void share_training(Group& group, const Task& task, const Model& model,
                    const TrainSettings& settings, const TrainingStep& step,
                    const Observer& observer);
// The workers give back what the training has held.
void end_shared_training(Group& group);
// Batch number `step` of the epoch comes next.
void share_step(Group& group, int epoch, int64_t step, double learning_rate);

// In a worker.
class TrainingWorker {
 public:
  // What Task::describe() has put into the message becomes a task.
  using MakeTask = std::function<std::unique_ptr<Task>(MessageReader&)>;
  TrainingWorker(std::shared_ptr<Group> group, Message& message, const MakeTask& make_task);
  void make_step(const Message& message);

 private:
  SampleRange batch(int64_t step) const;

  TrainSettings settings_;
  Model model_;
  std::unique_ptr<Task> task_;
  std::unique_ptr<TrainingStep> step_;
  int epoch_ = -1;
  std::vector<int64_t> order_;  // of the epoch
};

}  // namespace nolabel
