#include "nolabel/pipeline/group_worker.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/bank_rows.h"
#include "nolabel/neighbors/group_queries.h"
#include "nolabel/neighbors/group_search.h"
#include "nolabel/pipeline/described_task.h"
#include "nolabel/processor/computing.h"
#include "nolabel/train/group_training.h"
#include "nolabel/workers/shared_reading.h"

namespace nolabel {
namespace {

constexpr const char* end_subject = "end";

class Worker {
 public:
  Worker(std::shared_ptr<Group> group, int threads)
      : group_(std::move(group)), threads_(threads), rows_(images_) {}

  // False: there is nothing more to do.
  bool does(Message& message) {
    const std::string& subject = message.subject;
    if (subject == end_subject) return false;
    if (subject == images_subject) {
      images_.take(*group_, message);
    } else if (subject == pictures_subject) {
      help_to_read(*group_, message, threads_);
    } else if (subject == row_model_subject) {
      rows_.take_model(*group_, message);
    } else if (subject == row_batches_subject) {
      rows_.make_rows(*group_, message);
    } else if (subject == trained_subject) {
      training_.reset();
    } else if (subject == nearest_subject) {
      help_to_search(*group_, message);
    } else if (subject == queries_subject) {
      help_to_search_queries(*group_, message);
    } else if (subject == training_subject) {
      training_.reset();
      training_.emplace(group_, message,
                        [this](MessageReader& reader) { return described_task(reader, images_); });
    } else {
      NOLABEL_ASSERT(subject == step_subject && training_);
      training_->make_step(message);
    }
    return true;
  }

 private:
  const std::shared_ptr<Group> group_;
  const int threads_;
  SharedImages images_;
  RowWorker rows_;
  std::optional<TrainingWorker> training_;
};

}  // namespace

void work_for_group(const std::shared_ptr<Group>& group, int threads) {
  try {
    const int own_threads = threads_of_each(*group, threads);
    const Computing computing(own_threads);
    Worker worker(group, own_threads);
    Message message;
    do {
      message = {};
      broadcast(*group, message);
    } while (worker.does(message));
  } catch (const std::exception& exception) {
    throw group->fail(as_error(exception));
  }
}

void end_work_of_group(Group& group) {
  Message message{.subject = end_subject};
  broadcast(group, message);
}

void require_agreement(Group& group, const std::map<std::string, std::string>& settings) {
  if (group.size() == 1) return;
  for (const auto& [name, own] : settings) {
    const std::vector<std::string> values = told_by_all(group, own);
    for (int rank = 1; rank < group.size(); ++rank) {
      if (values[rank] == values[0]) continue;
      fail_usage("all processes must be started alike. Process {} has {} {}, process 0 has {}.",
                 rank, name, values[rank], values[0]);
    }
  }
}

}  // namespace nolabel
