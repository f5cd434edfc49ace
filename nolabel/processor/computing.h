// What a call that computes on the processor needs from its beginning to its end.
#pragma once

#include "nolabel/processor/compute_threads.h"
#include "nolabel/processor/kept_memory.h"

namespace nolabel {

// Errors as ComputeThreads.
struct Computing {
  explicit Computing(int thread_count) : threads(thread_count) {}

  KeptMemory memory;
  ComputeThreads threads;
};

}  // namespace nolabel
