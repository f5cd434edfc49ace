#include "nolabel/group/device_link.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <utility>

#include "nolabel/group/bounded_call.h"
#include "nolabel/group/watch.h"

namespace nolabel {
namespace {

using Clock = std::chrono::steady_clock;
using WorkPointer = c10::intrusive_ptr<c10d::Work>;

constexpr std::chrono::milliseconds between_checks(100);
constexpr std::chrono::microseconds between_polls(100);
constexpr std::chrono::seconds to_end(10);   // what the engine gets for an abort
constexpr std::chrono::seconds to_blame(8);  // in which a broken engine is explained by the watch
constexpr std::chrono::seconds to_send(2);   // longer, and the host hangs in the driver

}  // namespace

struct DeviceLink::State {
  State(c10::intrusive_ptr<c10d::Backend> engine_, std::shared_ptr<Watch> watch_)
      : engine(std::move(engine_)), watch(std::move(watch_)) {}

  WorkPointer last_work() {
    const std::lock_guard lock(mutex);
    return last;
  }

  // Until the group fails or the link ends.
  void look() {
    std::optional<Clock::time_point> broken_since;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, between_checks, [this] { return ended; })) {
      const WorkPointer work = last;
      lock.unlock();
      if (!broken_since && work && has_failed(*work)) {
        broken_since = Clock::now();
        watch->suspect();
      }
      bool failed = watch->failure().has_value();
      if (!failed && broken_since && Clock::now() - *broken_since > to_blame) {
        watch->report(watch->lost_connection());
        failed = true;
      }
      if (failed) {
        abort();
        return;
      }
      lock.lock();
    }
  }

  // An error of CUDA meets the host at its next call, too, and is not the engine's.
  static bool has_failed(c10d::Work& work) {
    try {
      return work.isCompleted() && work.exception();
    } catch (const std::exception&) {
      return false;
    }
  }

  // The engine must not be aborted while it is given an operation; but a host that hangs in there,
  // because the driver's queue is full of operations that wait, is what an abort sets free.
  void abort() {
    if (aborted.exchange(true)) return;
    const std::unique_lock lock(sending, to_send);
    const auto engine_then = engine;
    within<bool>(to_end, [engine_then] {
      engine_then->abort();
      return true;
    });
  }

  const c10::intrusive_ptr<c10d::Backend> engine;
  const std::shared_ptr<Watch> watch;
  std::timed_mutex sending;
  std::atomic<bool> aborted = false;

  std::mutex mutex;
  std::condition_variable wake;
  bool ended = false;
  WorkPointer last;  // operations are done in their order
};

DeviceLink::DeviceLink(c10::intrusive_ptr<c10d::Backend> engine, std::shared_ptr<Watch> watch)
    : state_(std::make_shared<State>(std::move(engine), std::move(watch))),
      monitor_([state = state_] { state->look(); }) {}

DeviceLink::~DeviceLink() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->wake.notify_all();
  monitor_.join();
  if (!state_->aborted) {
    within<bool>(to_end, [state = state_] {
      const WorkPointer work = state->last_work();
      while (work && !work->isCompleted() && !state->watch->failure()) {
        std::this_thread::sleep_for(between_polls);
      }
      return true;
    });
  }
  state_->abort();
}

void DeviceLink::send(const Begin& begin) {
  send_apart(begin)->synchronize();  // of the streams: the host does not wait
}

WorkPointer DeviceLink::send_apart(const Begin& begin) {
  const std::lock_guard sending(state_->sending);
  if (state_->aborted) throw std::runtime_error("the engine was aborted");  // the watch knows why
  WorkPointer work = begin(*state_->engine);
  const std::lock_guard lock(state_->mutex);
  state_->last = work;
  return work;
}

void DeviceLink::finish(const std::function<void()>& meanwhile) {
  const WorkPointer work = state_->last_work();
  if (!work) return;
  while (!work->isCompleted()) {
    if (state_->watch->failure()) return;
    meanwhile();
    std::this_thread::sleep_for(between_polls);
  }
  if (work->exception()) std::rethrow_exception(work->exception());
  const std::lock_guard lock(state_->mutex);
  state_->last.reset();  // it holds the result
}

}  // namespace nolabel
