#include "nolabel/processor/compute_threads.h"

#include <ATen/Parallel.h>
#include <omp.h>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// OpenMP keeps a team of threads for each thread that asked for one; this thread's has that many.
thread_local int team = 1;

// Setting the number drops prepared convolutions, so it is set only where it changes.
void set_threads(int count) {
  if (count > 1 && (count > team || count != at::get_num_threads())) {
    // Twice, because LibTorch keeps a second team, which at::set_num_threads() starts.
    require_threads(2 * (count - 1));
#pragma omp parallel num_threads(count)
    {}
    team = count;
  }
  if (count != at::get_num_threads()) at::set_num_threads(count);
}

}  // namespace

ComputeThreads::ComputeThreads(int count) : before_(at::get_num_threads()) {
  set_threads(count);
}

ComputeThreads::~ComputeThreads() {
  try {
    set_threads(before_);
  } catch (const Error&) {  // this thread goes on with those that it has
  }
}

}  // namespace nolabel
