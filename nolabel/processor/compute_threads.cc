#include "nolabel/processor/compute_threads.h"

#include <ATen/Parallel.h>
#include <omp.h>

#include <atomic>

#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// So many threads have run at the same time, so the process has room for them.
std::atomic<int> most_started = 1;

void start(int count) {
  if (count <= most_started) return;
  // Twice, because at::set_num_threads() starts a second team when it is called first.
  require_threads(2 * (count - 1));
  std::atomic<int> team = 0;
#pragma omp parallel num_threads(count)
  ++team;  // a region without work would not start its threads
  most_started = team.load();
}

// Setting the number drops prepared convolutions, so it is set only where it changes.
void set_threads(int count) {
  if (count != at::get_num_threads()) at::set_num_threads(count);
}

}  // namespace

ComputeThreads::ComputeThreads(int count) : before_(at::get_num_threads()) {
  start(count);
  set_threads(count);
}

ComputeThreads::~ComputeThreads() {
  set_threads(before_);
}

}  // namespace nolabel
