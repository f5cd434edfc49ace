// LibTorch was built with NCCL; its header shows the class only with this. The header nccl.h comes
// from the wheel of NCCL or the distribution, and nothing of that library is linked here.
#define USE_C10D_NCCL

#include "nolabel/cuda/nccl_engine.h"

#include <c10/util/env.h>

#include <chrono>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

namespace nolabel {
namespace {

using Engine = c10d::ProcessGroupNCCL;

// The engine takes these only from the environment, when it is made.
//
// It would start two threads that end the process by abort() when an operation fails or takes too
// long. Our own watch knows who is missing and ends the work with an error instead. The one switch
// that keeps both threads away is blocking wait: Work::wait() then waits on the host, which we
// never call; Work::synchronize() lets the stream wait in either mode.
//
// Without these threads nobody reads the engine's record of calls, which costs time in each call
// and would keep pointers to events that are gone.
void keep_engine_from_ending_us() {
  c10::utils::set_env("TORCH_NCCL_BLOCKING_WAIT", "1");
  // What these two switch off is not started in blocking wait, by LibTorch 2.11.
  c10::utils::set_env("TORCH_NCCL_ENABLE_MONITORING", "0");
  c10::utils::set_env("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0");
  c10::utils::set_env("TORCH_NCCL_TRACE_BUFFER_SIZE", "0");
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> make_nccl_engine(const c10::intrusive_ptr<c10d::Store>& store,
                                                   int rank, int size) {
  keep_engine_from_ending_us();
  auto options = Engine::Options::create();
  // An operation waits as long as the others live.
  options->timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::hours(24 * 365));
  return c10::make_intrusive<Engine>(store, rank, size, std::move(options));
}

}  // namespace nolabel
