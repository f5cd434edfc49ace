// What a call that computes on the processor needs from its beginning to its end.
#pragma once

#include "nolabel/processor/compute_threads.h"

namespace nolabel {

// Errors as ComputeThreads.
struct Computing {
  explicit Computing(int thread_count) : threads(thread_count) {}

  ComputeThreads threads;
};

}  // namespace nolabel
