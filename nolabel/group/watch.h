// Whether all processes of a group live. A process that waits for another learns here why it waits
// in vain: the other has failed and said so, it has ended without a word, or it cannot be reached.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "nolabel/base/cancel.h"
#include "nolabel/base/error.h"

namespace c10d {
class Store;
}

namespace nolabel {

// Why a group cannot go on. The process `rank` has said this of itself, or another process has
// found it missing.
struct GroupFailure {
  int rank = 0;
  Fault fault = Fault::system;
  std::string message;
  bool missing = false;  // the process `rank` did not say this itself
};

// A thread of its own shows the others, through the store, that this process lives, and looks at
// them. Thread-safe.
class Watch {
 public:
  using Seconds = std::chrono::duration<double>;

  // `limit`: a process that shows no life for so long is missing. Whichever process's `cancel` is
  // requested, the leader's is, so that the leader stops the work of all.
  Watch(c10::intrusive_ptr<c10d::Store> store, int rank, int size, Seconds limit,
        CancelToken cancel);
  // Waits for nothing that may not come: a store that does not answer keeps the thread.
  ~Watch();

  // The first failure of the group, the same for all; nothing while all live.
  std::optional<GroupFailure> failure() const;
  // A connection broke, so that somebody is missing or about to say why: from now on failure()
  // knows after a few seconds of silence.
  void suspect();
  // suspect(), and waits until failure() knows, at most for the limit and a little more.
  GroupFailure reason();
  // What reason() is when nobody else is to blame: this process has lost the others.
  GroupFailure lost_connection() const;

  // The others get this as their failure(), if none was before. Returns the first one.
  GroupFailure report(const GroupFailure& failure);

  // Says that this process needs the store no more; the leader waits, a few seconds at most, until
  // all that live have said so: with the leader the store ends.
  void leave();

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace nolabel
