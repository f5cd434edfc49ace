// Warnings of a training in which clusters hold no image or batches train nothing. There can be
// many epochs, so each is given when it happens first or gets worse. Private to train.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nolabel/record/observer.h"
#include "nolabel/train/epoch_log.h"

namespace nolabel {

class EmptyWarnings {
 public:
  EmptyWarnings(std::string training, const Observer& observer)
      : training_(std::move(training)), observer_(observer) {}

  // After an epoch (from 1) of so many steps. Adds "batches_without_training" to the epoch's record
  // where there are any.
  void after_epoch(int epoch, int64_t steps, const EpochLog& log, nlohmann::json& record);
  void at_end() const;

 private:
  const std::string training_;
  const Observer observer_;
  int64_t unused_clusters_ = 0;       // as it was warned of
  int64_t batches_ = 0, epochs_ = 0;  // without training
};

}  // namespace nolabel
