// For tests: the processes of a group as threads of one, which meet in memory.
#pragma once

#include <ATen/Parallel.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <vector>

#include "nolabel/group/gloo_group.h"

namespace nolabel::testing_group {

// c10d notes every call for people who look for a process that hangs, and adds a new group to this
// record before it takes the record's lock (FlightRecorderDetail.hpp of PyTorch 2.11). Processes
// each have a record; threads have one together, and two that began at once broke it.
inline void keep_no_record_of_calls() {
  setenv("TORCH_FR_BUFFER_SIZE", "0", 1);
}

using WorkOfOne = std::function<void(const std::shared_ptr<Group>&)>;

// Each thread's work; the error that made the group fail is thrown again. `per_machine`: so many of
// them believe to be on one machine.
inline void run_as_group(int size, const WorkOfOne& work, int per_machine) {
  keep_no_record_of_calls();
  const auto store = c10::make_intrusive<c10d::HashStore>();
  std::mutex mutex;
  std::exception_ptr first;  // the others follow from it
  std::vector<std::thread> ranks;
  for (int rank = 0; rank < size; ++rank) {
    ranks.emplace_back([&, rank] {
      try {
        at::set_num_threads(1);
        work(connect_in(store, {.rank = rank,
                                .size = size,
                                .interface_address = "127.0.0.1",
                                .local_rank = rank % per_machine,
                                .local_size = per_machine}));
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  for (std::thread& rank : ranks) rank.join();
  if (first) std::rethrow_exception(first);
}

inline void run_as_group(int size, const WorkOfOne& work) {
  run_as_group(size, work, size);
}
inline void run_as_machines(int size, const WorkOfOne& work) {
  run_as_group(size, work, 1);
}

}  // namespace nolabel::testing_group
