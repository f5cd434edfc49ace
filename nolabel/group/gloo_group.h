// A group over PyTorch's own engine, c10d, with Gloo on CPUs.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <memory>
#include <string>

#include "nolabel/group/group.h"

namespace c10d {
class Store;
}

namespace nolabel {

struct GroupPlace {
  int rank, size;
  std::string interface_address{};  // this machine's, where the others reach it; empty: found out
  int local_rank = 0, local_size = 1;
  // How long the processes wait for one another at the beginning.
  std::chrono::duration<double> meeting = std::chrono::minutes(10);
  // A process that shows no life for so long is missing (watch.h).
  std::chrono::duration<double> silence = std::chrono::seconds(60);
};

// Blocks until all of the group have come. `store`: where they find one another; the same for all.
// Throws Error(Fault::system) when one does not come in time.
std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place);

struct GroupTimes {
  std::chrono::duration<double> meeting, silence;  // of GroupPlace
};
// The same over a TCP store at the place that the starter of the processes has named.
std::shared_ptr<Group> connect(const Placement& placement, const GroupTimes& times);

// A place on this machine where processes that this one starts can meet: in this process, until the
// result goes. It is the leader's and must be given to connect_in().
c10::intrusive_ptr<c10d::Store> open_meeting_place(const GroupTimes& times, int& port);

}  // namespace nolabel
