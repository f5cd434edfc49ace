#include "nolabel/group/meeting.h"

#include <c10/util/Logging.h>
#include <sched.h>

#include <algorithm>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/group/bounded_call.h"
#include "nolabel/group/gloo_group.h"
#include "nolabel/group/machine_name.h"
#include "nolabel/group/own_address.h"

namespace nolabel {
namespace {

constexpr std::chrono::duration<double> to_know_a_machine = std::chrono::seconds(30);

enum class EngineSays { errors = 2, only_what_is_fatal = 3 };

// c10d writes warnings, and errors while processes meet, to stderr with stack traces; our own
// messages say the same in a line. Whoever looks for the cause of a hang asks for them.
void set_engine_log(EngineSays says) {
  if (!environment_variables()("TORCH_CPP_LOG_LEVEL")) {
    FLAGS_caffe2_log_level = static_cast<int>(says);
  }
}

c10::intrusive_ptr<c10d::Store> tcp_store(const std::string& address, int port, bool serves,
                                          const GroupTimes& times, int* chosen_port = nullptr) {
  set_engine_log(EngineSays::only_what_is_fatal);
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(times.meeting);
  const auto store = c10::make_intrusive<c10d::TCPStore>(address, options);
  if (chosen_port) *chosen_port = store->getPort();
  set_engine_log(EngineSays::errors);
  return store;
}

// Empty: the engine finds the interface itself, by what GLOO_SOCKET_IFNAME names. Without that, it
// would take the address of this machine's name, which may mean this machine only to itself.
std::string interface_address(const Placement& placement, c10d::Store& store) {
  if (placement.local_size == placement.size) return "127.0.0.1";
  if (environment_variables()("GLOO_SOCKET_IFNAME")) return "";
  return own_address(store, placement.rank, placement.size, placement.address, placement.port);
}

// The processors that this process may run on, as text.
std::string processor_mask() {
  cpu_set_t mask;
  if (::sched_getaffinity(0, sizeof mask, &mask) != 0) return "";
  return hex_digits({reinterpret_cast<const unsigned char*>(&mask), sizeof mask});
}

std::string processors_key(int rank) {
  return format("processors/{}", rank);
}

void tell_processors(c10d::Store& store, int rank) {
  store.set(processors_key(rank), processor_mask());
}

// srun and mpirun may bind each process to processors of its own; torchrun does not. The next
// process of the machine tells which it is.
bool has_own_processors(const Placement& placement, c10d::Store& store) {
  if (placement.local_size == 1) return true;
  tell_processors(store, placement.rank);
  const int neighbor = placement.rank + (placement.local_rank > 0 ? -1 : 1);
  return store.get_to_str(processors_key(neighbor)) != processor_mask();
}

}  // namespace

std::shared_ptr<Group> connect(const Placement& placement, const GroupTimes& times,
                               const CancelToken& cancel) {
  if (placement.size == 1) return single_process();
  c10::intrusive_ptr<c10d::Store> store;
  try {
    const bool serves = placement.rank == 0 && !placement.starter_listens;
    store = unless_stopped(cancel, [placement, serves, times] {
      wait_for_address(placement.address, std::min(to_know_a_machine, times.meeting));
      return tcp_store(placement.address, placement.port, serves, times);
    });
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    fail_system(
        "process {} of {} must reach {}:{}, where all processes meet. MASTER_ADDR and MASTER_PORT "
        "can name another place. ({})",
        placement.rank, placement.size, placement.address, placement.port,
        as_error(exception).what());
  }
  // A starter's store outlives the processes, which it may start again.
  store = c10::make_intrusive<c10d::PrefixStore>(format("nolabel/{}", placement.attempt), store);
  std::string address;
  bool owns_processors = false;
  try {
    address = unless_stopped(cancel, [=] { return interface_address(placement, *store); });
    owns_processors = unless_stopped(cancel, [=] { return has_own_processors(placement, *store); });
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    fail_not_met(placement.rank, placement.size, exception);
  }
  return connect_in(store, {.rank = placement.rank,
                            .size = placement.size,
                            .interface_address = address,
                            .local_rank = placement.local_rank,
                            .local_size = placement.local_size,
                            .owns_processors = owns_processors,
                            .meeting = times.meeting,
                            .silence = times.silence,
                            .cancel = cancel});
}

std::shared_ptr<Group> start_group(int size, const GroupTimes& times, const CancelToken& cancel,
                                   const std::function<void(int port)>& start,
                                   const std::function<void()>& look) {
  int port = 0;
  const auto store = c10::make_intrusive<c10d::PrefixStore>(
      "nolabel/0", tcp_store("127.0.0.1", 0, /*serves=*/true, times, &port));
  tell_processors(*store, 0);
  start(port);
  return connect_in(store, {.rank = 0,
                            .size = size,
                            .interface_address = "127.0.0.1",
                            .local_rank = 0,
                            .local_size = size,
                            .meeting = times.meeting,
                            .silence = times.silence,
                            .cancel = cancel,
                            .look = look});
}

}  // namespace nolabel
