#include "nolabel/group/guarded_calls.h"

#include <torch/csrc/distributed/c10d/Work.hpp>

#include "nolabel/base/format.h"
#include "nolabel/group/bounded_call.h"

namespace nolabel {
namespace {

constexpr std::chrono::milliseconds between_looks{200};

// Waits a little. Throws what the work failed with.
bool is_complete(c10d::Work& work) {
  try {
    return work.wait(between_looks);
  } catch (const std::exception&) {
    if (!work.isCompleted()) return false;
    return work.wait();  // it may have completed since: with its own error, or with none
  }
}

}  // namespace

Error GuardedCalls::fail(const Error& error) {
  broken_ = true;
  group_.log().write(format("fails: {}", error.what()));
  return error_of(
      watch_->report({.rank = group_.rank(), .fault = error.fault(), .message = error.what()}));
}

void GuardedCalls::throw_failure() {
  const auto failure = watch_->failure();
  if (!failure) return;
  broken_ = true;
  throw error_of(*failure);
}

void GuardedCalls::wait_for(c10d::Work& work, GroupLog::Call& call) {
  while (!is_complete(work)) {
    throw_failure();
    call.still_waits();
  }
}

// Here, the engine takes the end of a limited wait for the end of the connection.
void GuardedCalls::wait_for_one(const Work& work, GroupLog::Call& call) {
  while_looking([work] { return work->wait(no_limit); },
                [&] {
                  throw_failure();
                  call.still_waits();
                });
}

Error GuardedCalls::error_of(const GroupFailure& failure) const {
  group_.log().write(
      format("the group has failed, because of process {}: {}", failure.rank, failure.message));
  if (failure.rank == 0 || failure.missing) {
    return {failure.fault, failure.message};
  }
  return {failure.fault,
          format("process {} of {}: {}", failure.rank, group_.size(), failure.message)};
}

Error GuardedCalls::lost_connection(const std::exception& exception) {
  broken_ = true;
  GroupFailure failure = watch_->reason();
  if (failure.missing && failure.rank == group_.rank()) {
    failure.message += format(" ({})", as_error(exception).what());
  }
  return error_of(failure);
}

}  // namespace nolabel
