#include "nolabel/facade/call.h"

#include <ATen/Parallel.h>

#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "nolabel/base/threads.h"
#include "nolabel/model/device.h"

namespace nolabel {
namespace {

// LibTorch's operators take as many threads as their calling thread was told to.
class ComputeThreads {
 public:
  explicit ComputeThreads(int count) : previous_(at::get_num_threads()) { set(count); }
  ~ComputeThreads() { set(previous_); }
  ComputeThreads(const ComputeThreads&) = delete;
  ComputeThreads& operator=(const ComputeThreads&) = delete;

 private:
  // Setting it drops prepared convolutions, so not without need.
  static void set(int count) {
    if (count != at::get_num_threads()) at::set_num_threads(count);
  }
  const int previous_;
};

// LibTorch's allocators throw exceptions of its own, not std::bad_alloc.
bool means_no_memory(std::string_view message) {
  return message.find("DefaultCPUAllocator") != message.npos ||
         message.find("out of memory") != message.npos;
}

// LibTorch appends a stack trace.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

Environment environment_of(const Compute& compute, uint64_t seed, const Observer& observer) {
  if (compute.threads < 0) fail_usage("threads must be 0 or more. Received {}.", compute.threads);
  Environment environment;
  environment.observer = observer;
  environment.device = choose_device(compute.device);
  if (compute.device == "auto") {
    if (const std::string reason = unused_gpu(); !reason.empty()) observer.warn(reason);
  }
  environment.precision = choose_precision(compute.precision, environment.device);
  environment.threads = compute.threads > 0 ? compute.threads : available_threads();
  environment.seed = seed;
  return environment;
}

void facade_call(int threads, const std::function<void()>& body) {
  try {
    const ComputeThreads guard(threads > 0 ? threads : available_threads());
    body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(Fault::system, "out of memory");
  } catch (const std::system_error& error) {  // files and threads
    throw Error(Fault::system, error.what());
  } catch (const std::exception& error) {
    if (means_no_memory(error.what())) throw Error(Fault::system, "out of memory");
    throw Error(Fault::internal, first_line(error.what()));
  }
}

}  // namespace nolabel
