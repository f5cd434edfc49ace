// LibTorch was built with Gloo; its header shows the class only with this. Gloo's own headers come
// from the distribution (libgloo-dev), and nothing of that library is linked.
#define USE_C10D_GLOO

#include "nolabel/group/gloo_group.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

class GlooGroup : public Group {
 public:
  GlooGroup(const GroupPlace& place, c10::intrusive_ptr<c10d::Store> store,
            c10::intrusive_ptr<c10d::ProcessGroupGloo> engine)
      : Group(place.rank, place.size), store_(std::move(store)), engine_(std::move(engine)) {}

  // One flat tensor: a call for each would wait for the network as often.
  void all_reduce(const std::vector<at::Tensor>& tensors) override {
    if (tensors.empty()) return;
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> flat;
    for (const at::Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
    std::vector<at::Tensor> sum = {flat.size() == 1 ? flat[0].contiguous() : at::cat(flat)};
    complete([&] { return engine_->allreduce(sum); });
    int64_t begin = 0;
    for (const at::Tensor& tensor : tensors) {
      tensor.detach().copy_(sum[0].narrow(0, begin, tensor.numel()).view(tensor.sizes()));
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
      std::vector<at::Tensor> sent = {at::zeros(shape, rows.options().requires_grad(false))};
      sent[0].narrow(0, 0, own.size).copy_(rows.detach());
      for (int rank = 0; rank < size(); ++rank) received[0].push_back(at::empty_like(sent[0]));
      complete([&] { return engine_->allgather(received, sent); });
    }
    std::vector<at::Tensor> pieces;
    for (int rank = 0; rank < size(); ++rank) {
      const int64_t of_rank = share_of(count, rank, size()).size;
      pieces.push_back(rank == this->rank() ? rows : received[0][rank].narrow(0, 0, of_rank));
    }
    return at::cat(pieces);
  }

  void broadcast(const at::Tensor& tensor) override {
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> value = {tensor.detach().contiguous()};
    complete([&] { return engine_->broadcast(value); });
    tensor.detach().copy_(value[0]);
  }

  void barrier() override {
    complete([&] { return engine_->barrier(); });
  }

 private:
  template <class Begin>
  void complete(const Begin& begin) {
    try {
      begin()->wait();
    } catch (const std::exception& exception) {
      fail_system(
          "process {} of {} has lost the others: one of them has ended or does not answer. Its own "
          "message says why. The same command, started again, goes on from the last checkpoint. "
          "({})",
          rank(), size(), as_error(exception).what());
    }
  }

  const c10::intrusive_ptr<c10d::Store> store_;  // the leader's serves the others
  const c10::intrusive_ptr<c10d::ProcessGroupGloo> engine_;
};

}  // namespace

std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place) {
  try {
    const auto options = c10d::ProcessGroupGloo::Options::create(place.timeout);
    options->devices.push_back(
        place.interface_address.empty()
            ? c10d::ProcessGroupGloo::createDefaultDevice()
            : c10d::ProcessGroupGloo::createDeviceForHostname(place.interface_address));
    return std::make_shared<GlooGroup>(
        place, store,
        c10::make_intrusive<c10d::ProcessGroupGloo>(store, place.rank, place.size, options));
  } catch (const std::exception& exception) {
    fail_system("process {} of {} has not met the others. ({})", place.rank, place.size,
                as_error(exception).what());
  }
}

std::shared_ptr<Group> connect(const Placement& placement, std::chrono::milliseconds timeout) {
  if (placement.size == 1) return single_process();
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(placement.port);
  options.isServer = placement.rank == 0 && !placement.starter_listens;
  options.numWorkers = placement.size;
  options.timeout = timeout;
  c10::intrusive_ptr<c10d::Store> store;
  try {
    store = c10::make_intrusive<c10d::TCPStore>(placement.address, options);
  } catch (const std::exception& exception) {
    fail_system(
        "process {} of {} must reach {}:{}, where all processes meet. MASTER_ADDR and MASTER_PORT "
        "can name another place. ({})",
        placement.rank, placement.size, placement.address, placement.port,
        as_error(exception).what());
  }
  const bool local = placement.local_size == placement.size;
  return connect_in(store, {placement.rank, placement.size, local ? "127.0.0.1" : "", timeout});
}

}  // namespace nolabel
