// LibTorch was built with Gloo; its header shows the class only with this. Gloo's own headers come
// from the distribution (libgloo-dev), and nothing of that library is linked.
#define USE_C10D_GLOO

#include "nolabel/group/gloo_group.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/util/Logging.h>
#include <sched.h>

#include <future>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <type_traits>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/group/own_address.h"
#include "nolabel/group/watch.h"

namespace nolabel {
namespace {

using Milliseconds = std::chrono::milliseconds;

// A call waits as long as the others live: the leader may work alone for hours.
constexpr auto no_limit = std::chrono::hours(24 * 365);

template <class Options>
Options without_limit() {
  Options options;
  options.timeout = std::chrono::duration_cast<Milliseconds>(no_limit);
  return options;
}

// Tensors of a GPU go through the memory of the host.
class GlooGroup : public Group {
 public:
  GlooGroup(const GroupPlace& place, c10::intrusive_ptr<c10d::Store> store,
            c10::intrusive_ptr<c10d::ProcessGroupGloo> engine)
      : Group(place.rank, place.size, place.local_rank, place.local_size, place.owns_processors),
        store_(std::move(store)),
        watch_(store_, place.rank, place.size, place.silence, place.cancel),
        engine_(std::move(engine)) {}

  // An engine with a call that nobody will answer would wait for the answer at its end.
  ~GlooGroup() override {
    if (broken_) engine_.release();
  }

  // One flat tensor: a call for each would wait for the network as often.
  void all_reduce(const std::vector<at::Tensor>& tensors) override {
    if (tensors.empty()) return;
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> flat;
    for (const at::Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
    std::vector<at::Tensor> sum = {(flat.size() == 1 ? flat[0].contiguous() : at::cat(flat)).cpu()};
    complete([&] { return engine_->allreduce(sum, without_limit<c10d::AllreduceOptions>()); });
    int64_t begin = 0;
    for (const at::Tensor& tensor : tensors) {
      give_back(sum[0].narrow(0, begin, tensor.numel()).view(tensor.sizes()), tensor);
      begin += tensor.numel();
    }
  }

  at::Tensor all_gather(const at::Tensor& rows, int64_t count) override {
    const Share own = share(count);
    NOLABEL_ASSERT(rows.size(0) == own.size);
    const int64_t most = share_of(count, 0, size()).size;
    std::vector<int64_t> shape = rows.sizes().vec();
    shape[0] = most;
    std::vector<std::vector<at::Tensor>> received(1);
    {
      const c10::NoGradGuard no_grad;
      std::vector<at::Tensor> sent = {
          at::zeros(shape, rows.options().requires_grad(false).device(at::kCPU))};
      sent[0].narrow(0, 0, own.size).copy_(rows.detach());
      for (int rank = 0; rank < size(); ++rank) received[0].push_back(at::empty_like(sent[0]));
      complete([&] {
        return engine_->allgather(received, sent, without_limit<c10d::AllgatherOptions>());
      });
    }
    std::vector<at::Tensor> pieces;
    for (int rank = 0; rank < size(); ++rank) {
      const int64_t of_rank = share_of(count, rank, size()).size;
      pieces.push_back(
          rank == this->rank() ? rows : received[0][rank].narrow(0, 0, of_rank).to(rows.device()));
    }
    return at::cat(pieces);
  }

  void broadcast(const at::Tensor& tensor) override {
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> value = {tensor.detach().contiguous().cpu()};
    complete([&] { return engine_->broadcast(value, without_limit<c10d::BroadcastOptions>()); });
    if (!leads()) give_back(value[0], tensor);
  }

  void barrier() override {
    complete([&] { return engine_->barrier(without_limit<c10d::BarrierOptions>()); });
  }

  Error fail(const Error& error) override {
    broken_ = true;
    return error_of(
        watch_.report({.rank = rank(), .fault = error.fault(), .message = error.what()}));
  }

  bool leader_is_missing() const override {
    const auto failure = watch_.failure();
    return failure && failure->missing && failure->rank == 0;
  }
  void leave() override { watch_.leave(); }

 private:
  static constexpr Milliseconds between_looks{200};

  // What the engine has worked on is often the tensor's own memory.
  static void give_back(const at::Tensor& result, const at::Tensor& tensor) {
    if (result.const_data_ptr() != tensor.const_data_ptr()) tensor.detach().copy_(result);
  }

  Error error_of(const GroupFailure& failure) const {
    if (failure.rank == 0 || failure.missing) {
      return {failure.fault, failure.message};
    }
    return {failure.fault, format("process {} of {}: {}", failure.rank, size(), failure.message)};
  }

  template <class Begin>
  void complete(const Begin& begin) {
    if (broken_) throw error_of(watch_.reason());
    try {
      const c10::intrusive_ptr<c10d::Work> work = begin();
      while (!is_complete(*work)) {
        if (const auto failure = watch_.failure()) {
          broken_ = true;
          throw error_of(*failure);
        }
      }
    } catch (const Error&) {
      throw;
    } catch (const std::exception&) {  // the connection to one of them broke
      broken_ = true;
      throw error_of(watch_.reason());
    }
  }

  // Waits a little. Throws what the work failed with.
  static bool is_complete(c10d::Work& work) {
    try {
      return work.wait(between_looks);
    } catch (const std::exception&) {
      if (!work.isCompleted()) return false;
      return work.wait();  // it may have completed since: with its own error, or with none
    }
  }

  const c10::intrusive_ptr<c10d::Store> store_;  // the leader's serves the others
  Watch watch_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> engine_;
  bool broken_ = false;
};

Milliseconds milliseconds(std::chrono::duration<double> time) {
  return std::chrono::duration_cast<Milliseconds>(time);
}

// c10d warns on stderr, with stack traces, of what our own messages say in a line. Whoever looks
// for the cause of a hang asks for its warnings.
void keep_engine_quiet() {
  constexpr int errors = 2;
  if (!environment_variables()("TORCH_CPP_LOG_LEVEL")) FLAGS_caffe2_log_level = errors;
}

c10::intrusive_ptr<c10d::Store> tcp_store(const std::string& address, int port, bool serves,
                                          const GroupTimes& times, int* chosen_port = nullptr) {
  keep_engine_quiet();
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = milliseconds(times.meeting);
  const auto store = c10::make_intrusive<c10d::TCPStore>(address, options);
  if (chosen_port) *chosen_port = store->getPort();
  return store;
}

// Whoever waits for processes that do not come can still be stopped. The waiting itself cannot: its
// thread is left behind.
template <class Meet>
std::invoke_result_t<Meet> unless_stopped(const CancelToken& cancel, Meet meet) {
  std::packaged_task<std::invoke_result_t<Meet>()> task(std::move(meet));
  auto met = task.get_future();
  std::thread(std::move(task)).detach();
  while (met.wait_for(Milliseconds(50)) != std::future_status::ready) {
    if (cancel.requested()) {
      throw Error(Fault::stopped, "stopped on request before all processes had met.");
    }
  }
  return met.get();
}

using EngineOptions = c10d::ProcessGroupGloo::Options;

c10::intrusive_ptr<EngineOptions> engine_options(const GroupPlace& place) {
  const auto limit = milliseconds(place.meeting);
  if (place.interface_address.empty()) return EngineOptions::create_default(limit);
  auto options = EngineOptions::create(limit);
  options->devices.push_back(
      c10d::ProcessGroupGloo::createDeviceForHostname(place.interface_address));
  return options;
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

[[noreturn]] void fail_not_met(int rank, int size, const std::exception& exception) {
  fail_system("process {} of {} has not met the others. ({})", rank, size,
              as_error(exception).what());
}

}  // namespace

std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place) {
  try {
    auto engine = unless_stopped(place.cancel, [store, place] {
      return c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.size,
                                                         engine_options(place));
    });
    return std::make_shared<GlooGroup>(place, store, std::move(engine));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    fail_not_met(place.rank, place.size, exception);
  }
}

std::shared_ptr<Group> connect(const Placement& placement, const GroupTimes& times,
                               const CancelToken& cancel) {
  if (placement.size == 1) return single_process();
  c10::intrusive_ptr<c10d::Store> store;
  try {
    const bool serves = placement.rank == 0 && !placement.starter_listens;
    store = unless_stopped(cancel, [placement, serves, times] {
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
                                   const std::function<void(int port)>& start) {
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
                            .cancel = cancel});
}

}  // namespace nolabel
