// A group over PyTorch's own engine, c10d, with Gloo on CPUs.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "nolabel/base/cancel.h"
#include "nolabel/group/group.h"

namespace c10d {
class Store;
}

namespace nolabel {

struct GroupPlace {
  int rank, size;
  std::string
      interface_address{};  // this machine's, where the others reach it; empty: the engine's choice
  int local_rank = 0, local_size = 1;
  bool owns_processors = false;  // a scheduler gives each process of the machine its own
  // How long the processes wait for one another at the beginning.
  std::chrono::duration<double> meeting = std::chrono::minutes(10);
  // A process that shows no life for so long is missing (watch.h).
  std::chrono::duration<double> silence = std::chrono::seconds(60);
  CancelToken cancel{};  // of this process; the leader's stops the work of all (watch.h)
  // Called again and again until they have met; throws when one of them will not come.
  std::function<void()> look{};
};

// Blocks until all of the group have come. `store`: where they find one another; the same for all.
// Throws Error(Fault::system) when one does not come in time.
std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place);

}  // namespace nolabel
