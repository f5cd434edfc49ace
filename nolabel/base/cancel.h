// How an outside program, a signal handler or a time limit asks long work to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace nolabel {

// Copies share one state. request() is async-signal-safe, and both requests may come from any
// thread; the work notices at its next step, saves what it has, and throws Error(Fault::stopped).
class CancelToken {
 public:
  CancelToken() : state_(std::make_shared<State>()) {}
  void request() const noexcept {
    state_->by_somebody.store(true, std::memory_order_relaxed);
    state_->requested.store(true, std::memory_order_relaxed);
  }
  // The same because a time limit has passed, which began with the process.
  void time_out(std::chrono::milliseconds limit) const noexcept {
    state_->limit.store(limit.count(), std::memory_order_relaxed);
    state_->requested.store(true, std::memory_order_relaxed);
  }
  bool requested() const noexcept { return state_->requested.load(std::memory_order_relaxed); }
  // The time limit in seconds, when nothing else asked to stop. Whoever runs the same command again
  // and again with a limit expects it to get on, so work then does a little even if the limit has
  // passed before it begins (seconds_of_work_despite_limit).
  std::optional<double> passed_limit() const noexcept {
    const int64_t limit = state_->limit.load(std::memory_order_relaxed);
    if (limit == 0 || state_->by_somebody.load(std::memory_order_relaxed)) return std::nullopt;
    return static_cast<double>(limit) / 1000;
  }
  // Seconds of this process that every other process of the same command spends again, because the
  // work leaves nothing behind (record/unsaved_work.h).
  void add_repeated(double seconds) const noexcept {
    state_->repeated.fetch_add(static_cast<int64_t>(seconds * 1000), std::memory_order_relaxed);
  }
  double repeated() const noexcept {
    return static_cast<double>(state_->repeated.load(std::memory_order_relaxed)) / 1000;
  }

 private:
  struct State {
    std::atomic<bool> requested{false}, by_somebody{false};
    std::atomic<int64_t> limit{0};     // in milliseconds; 0: no limit has passed
    std::atomic<int64_t> repeated{0};  // in milliseconds
  };
  std::shared_ptr<State> state_;
};

// Measured from the beginning of the step that does the work.
constexpr double seconds_of_work_despite_limit = 1;

}  // namespace nolabel
