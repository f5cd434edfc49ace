// Calls that may never return, made on a thread of their own, which is left behind when whoever
// waits gives up. So what they use must be theirs: copies and shared pointers.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "nolabel/base/cancel.h"
#include "nolabel/base/error.h"

namespace nolabel {

// Nothing: no answer in time, or an error.
template <class Result>
std::optional<Result> within(std::chrono::duration<double> time, std::function<Result()> ask) {
  const auto answer = std::make_shared<std::promise<std::optional<Result>>>();
  std::future<std::optional<Result>> future = answer->get_future();
  std::thread([answer, ask = std::move(ask)] {
    try {
      answer->set_value(ask());
    } catch (const std::exception&) {
      answer->set_value(std::nullopt);
    }
  }).detach();
  if (future.wait_for(time) != std::future_status::ready) return std::nullopt;
  return future.get();
}

// Calls `look` again and again until the call has returned. `look` gives up by an exception.
template <class Call, class Look>
std::invoke_result_t<Call> while_looking(Call call, const Look& look) {
  std::packaged_task<std::invoke_result_t<Call>()> task(std::move(call));
  auto done = task.get_future();
  std::thread(std::move(task)).detach();
  while (done.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) look();
  return done.get();
}

inline void require_wanted(const CancelToken& cancel) {
  if (cancel.requested()) {
    throw Error(Fault::stopped, "stopped on request before all processes had met.");
  }
}

// Whoever waits for processes that do not come can still be stopped.
template <class Meet>
std::invoke_result_t<Meet> unless_stopped(const CancelToken& cancel, Meet meet) {
  return while_looking(std::move(meet), [&cancel] { require_wanted(cancel); });
}

[[noreturn]] inline void fail_not_met(int rank, int size, const std::exception& exception) {
  fail_system("process {} of {} has not met the others. ({})", rank, size,
              as_error(exception).what());
}

}  // namespace nolabel
