// How an outside program, a signal handler or a time limit asks long work to stop.
#pragma once

#include <atomic>
#include <memory>

namespace nolabel {

// Copies share one flag. request() is async-signal-safe and may be called from any thread; the
// work notices at its next step, saves what it has, and throws Error(Fault::stopped).
class CancelToken {
 public:
  CancelToken() : requested_(std::make_shared<std::atomic<bool>>(false)) {}
  void request() const noexcept { requested_->store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> requested_;
};

}  // namespace nolabel
