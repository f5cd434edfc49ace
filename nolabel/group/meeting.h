// Where the processes of a group meet: a TCP store of c10d at the place that their starter has
// named, or one that the first process opens for those that it starts itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "nolabel/base/cancel.h"
#include "nolabel/group/group.h"
#include "nolabel/group/placement.h"

namespace nolabel {

struct GroupTimes {
  std::chrono::duration<double> meeting, silence;  // of GroupPlace (gloo_group.h)
};
// The group of the processes that meet at the place of `placement`. Throws Error(Fault::system)
// when one does not come in time.
std::shared_ptr<Group> connect(const Placement& placement, const GroupTimes& times,
                               const CancelToken& cancel);

// A group of `size` processes on this machine, which this one leads: opens a place where they meet
// and calls `start` with its TCP port, to start the others. `look` is called again and again until
// they have met, and throws when one of them will not come.
std::shared_ptr<Group> start_group(int size, const GroupTimes& times, const CancelToken& cancel,
                                   const std::function<void(int port)>& start,
                                   const std::function<void()>& look);

}  // namespace nolabel
