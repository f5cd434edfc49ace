// The waits of a group: each ends when the group has failed, because then the others never come.
// Private to this folder.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/group/group.h"
#include "nolabel/group/watch.h"

namespace c10d {
class Work;
}

namespace nolabel {

// A call waits as long as the others live: the leader may work alone for hours.
inline constexpr std::chrono::milliseconds no_limit = std::chrono::hours(24 * 365);

class GuardedCalls {
 public:
  using Work = c10::intrusive_ptr<c10d::Work>;

  // `group` must outlive it.
  GuardedCalls(const Group& group, std::shared_ptr<Watch> watch)
      : group_(group), watch_(std::move(watch)) {}

  // The group has failed, and no call can be made any more.
  bool broken() const { return broken_; }
  // This process has failed. Returns the first error of the group.
  Error fail(const Error& error);

  // Throws the group's first error, where there is one.
  void throw_failure();
  // Makes the call; what the engine throws becomes the group's first error.
  template <class Call>
  void guard(const Call& call) {
    if (broken_) throw error_of(watch_->reason());
    try {
      call();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& exception) {  // the connection to one of them broke
      throw lost_connection(exception);
    }
  }

  // Within guard(). The first is for operations of all processes, the second for what travels
  // between two.
  void wait_for(c10d::Work& work, GroupLog::Call& call);
  void wait_for_one(const Work& work, GroupLog::Call& call);

 private:
  Error error_of(const GroupFailure& failure) const;
  Error lost_connection(const std::exception& exception);

  const Group& group_;
  const std::shared_ptr<Watch> watch_;
  bool broken_ = false;
};

}  // namespace nolabel
