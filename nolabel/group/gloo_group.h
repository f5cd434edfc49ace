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
  std::string interface_address;  // this machine's, where the others reach it; empty: found out
  std::chrono::milliseconds timeout{};  // how long one call waits for the others
};

// Blocks until all of the group have come. `store`: where they find one another; the same for all.
// Throws Error(Fault::system) when one does not come in time.
std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place);
// The same over a TCP store at the place that the starter of the processes has named.
std::shared_ptr<Group> connect(const Placement& placement, std::chrono::milliseconds timeout);

}  // namespace nolabel
