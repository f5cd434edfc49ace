#include "nolabel/group/nccl_start.h"

#include <ATen/ATen.h>

#include <chrono>
#include <thread>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/gpu/plugin.h"
#include "nolabel/group/bounded_call.h"

namespace nolabel {
namespace {

// Whoever started this may have failed because another process is gone, and the watch is to say so.
constexpr std::chrono::seconds for_the_watch(8);

// The engine connects the processes at its first operation. That may wait for good, and nothing can
// end it: so it is made here, once, where a thread may be left behind.
c10::intrusive_ptr<c10d::Backend> connected_engine(const c10::intrusive_ptr<c10d::Store>& store,
                                                   int rank, int size, at::Device device) {
  const CudaFunctions* functions = load_cuda_plugin().functions;
  NOLABEL_ASSERT(functions);
  auto engine = functions->make_nccl_engine(store, rank, size);
  std::vector<at::Tensor> sum = {at::ones({1}, at::TensorOptions(device))};
  const auto work = engine->allreduce(sum);
  while (!work->isCompleted()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (work->exception()) std::rethrow_exception(work->exception());
  work->synchronize();
  if (const auto counted = sum[0].item<float>(); counted != static_cast<float>(size)) {
    fail_system("NCCL must reach {} processes. It has reached {}.", size, counted);
  }
  return engine;
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> start_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                             int size, at::Device device,
                                             const std::function<void()>& look) {
  std::string problem;
  try {
    return while_looking([=] { return connected_engine(store, rank, size, device); }, look);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    problem = as_error(exception).what();
  }
  const auto give_up = std::chrono::steady_clock::now() + for_the_watch;
  while (std::chrono::steady_clock::now() < give_up) {
    look();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  fail_system(
      "NCCL does not start in process {} of {} on {}. NCCL_DEBUG=WARN shows why, and with "
      "NOLABEL_NCCL=off GPUs exchange tensors through the memory of the host. ({})",
      rank, size, device.str(), problem);
}

}  // namespace nolabel
