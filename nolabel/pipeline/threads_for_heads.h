// How many threads train heads on features that are there already.
#pragma once

#include "nolabel/model/model.h"

namespace nolabel {

// Heads on cached features are small matrices: one thread takes less time for a step of them than
// several threads need to meet, and on a busy machine far less. Until it is destroyed, one thread
// computes if that is so. `cached`: the inputs are features, not images.
class ThreadsForHeads {
 public:
  ThreadsForHeads(const Model& model, bool cached, int batch_size);
  ThreadsForHeads(const ThreadsForHeads&) = delete;
  ThreadsForHeads& operator=(const ThreadsForHeads&) = delete;
  ~ThreadsForHeads();

 private:
  const int before_;
};

}  // namespace nolabel
