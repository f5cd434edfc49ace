#include "nolabel/group/gloo_group.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/group/device_link.h"
#include "nolabel/group/device_place.h"
#include "nolabel/group/gloo_engines.h"
#include "nolabel/group/guarded_calls.h"
#include "nolabel/group/nccl_start.h"
#include "nolabel/group/watch.h"

namespace nolabel {
namespace {

// The processes exchange their parts of a sum where all that one of them sends is no larger, and
// pass them around a ring otherwise (measured by bench/small_sums.py).
constexpr int64_t most_exchanged_bytes = 256 << 10;

template <class Options>
Options without_limit() {
  Options options;
  options.timeout = no_limit;
  return options;
}

// Tensors of a GPU travel by the device link where there is one, else through the memory of the
// host.
class GlooGroup : public Group {
 public:
  GlooGroup(const GroupPlace& place, c10::intrusive_ptr<c10d::Store> store, GlooEngines engines)
      : Group(place.rank, place.size, place.local_rank, place.local_size, place.owns_processors),
        store_(std::move(store)),
        watch_(
            std::make_shared<Watch>(store_, place.rank, place.size, place.silence, place.cancel)),
        guarded_(*this, watch_),
        engines_(std::move(engines)) {}

  // An engine with a call that nobody will answer would wait for the answer at its end.
  ~GlooGroup() override {
    if (!guarded_.broken()) return;
    engines_.calls.release();
    engines_.sums.release();
  }

  // One flat tensor: a call for each would wait for the network as often.
  void all_reduce(const std::vector<at::Tensor>& tensors) override {
    if (tensors.empty()) return;
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> flat;
    for (const at::Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
    const bool linked = is_linked(tensors[0]);
    at::Tensor sum = staged(flat.size() == 1 ? flat[0].contiguous() : at::cat(flat), linked);
    if (!linked && static_cast<int64_t>(sum.nbytes()) * size() <= most_exchanged_bytes) {
      sum = sum_of_exchanged(sum);
    } else {
      std::vector<at::Tensor> reduced = {sum};
      complete("all_reduce", sum.nbytes(), linked, [&](c10d::Backend& engine) {
        return engine.allreduce(reduced, without_limit<c10d::AllreduceOptions>());
      });
    }
    std::vector<at::Tensor> targets, sources;
    int64_t begin = 0;
    for (const at::Tensor& tensor : tensors) {
      targets.push_back(tensor.detach());
      sources.push_back(sum.narrow(0, begin, tensor.numel()).view(tensor.sizes()));
      begin += tensor.numel();
    }
    // What the engine has worked on may be the tensor's own memory.
    if (sum.const_data_ptr() != tensors[0].const_data_ptr()) {
      at::_foreach_copy_(targets, sources);
    }
  }

  std::unique_ptr<PendingSum> begin_sum(const at::Tensor& tensor) override {
    const c10::NoGradGuard no_grad;
    std::vector<at::Tensor> sum = {tensor.detach()};
    const bool linked = is_linked(tensor);
    if (!linked && !tensor.is_cpu()) return std::make_unique<LateSum>(*this, tensor);
    const auto begin = [&](c10d::Backend& engine) {
      return engine.allreduce(sum, without_limit<c10d::AllreduceOptions>());
    };
    Work work;
    guarded_.guard([&] {
      guarded_.throw_failure();
      work = linked ? link_->send_apart(begin) : begin(*engines_.sums);
    });
    return std::make_unique<BegunSum>(*this, std::move(work), tensor.nbytes(), linked);
  }

  at::Tensor all_gather(const at::Tensor& rows, int64_t count) override {
    const Share own = share(count);
    NOLABEL_ASSERT(rows.size(0) == own.size);
    const int64_t most = share_of(count, 0, size()).size;
    const bool linked = is_linked(rows);
    std::vector<int64_t> shape = rows.sizes().vec();
    at::Tensor received;  // [P·most,…]
    {
      const c10::NoGradGuard no_grad;
      const auto options =
          rows.options().requires_grad(false).device(linked ? rows.device() : at::kCPU);
      shape[0] = most;
      at::Tensor sent = at::zeros(shape, options);
      sent.narrow(0, 0, own.size).copy_(rows.detach());
      shape[0] = most * size();
      received = at::empty(shape, options);
      complete("all_gather", received.nbytes(), linked, [&](c10d::Backend& engine) {
        return engine._allgather_base(received, sent, without_limit<c10d::AllgatherOptions>());
      });
    }
    std::vector<at::Tensor> pieces;
    for (int rank = 0; rank < size(); ++rank) {
      const int64_t of_rank = share_of(count, rank, size()).size;
      pieces.push_back(
          rank == this->rank() ? rows : received.narrow(0, rank * most, of_rank).to(rows.device()));
    }
    return at::cat(pieces);
  }

  void send_to_leader(const at::Tensor& tensor) override {
    std::vector<at::Tensor> sent = {tensor.detach().contiguous()};
    complete_by_two("send_to_leader", tensor.nbytes(),
                    [&] { return engines_.calls->send(sent, 0, /*tag=*/0); });
  }

  void receive_from(int rank, const at::Tensor& tensor) override {
    std::vector<at::Tensor> received = {tensor};
    complete_by_two("receive_from", tensor.nbytes(),
                    [&] { return engines_.calls->recv(received, rank, /*tag=*/0); });
  }

  void broadcast(const at::Tensor& tensor) override {
    const c10::NoGradGuard no_grad;
    const bool linked = is_linked(tensor);
    std::vector<at::Tensor> value = {staged(tensor.detach().contiguous(), linked)};
    complete("broadcast", value[0].nbytes(), linked, [&](c10d::Backend& engine) {
      return engine.broadcast(value, without_limit<c10d::BroadcastOptions>());
    });
    if (!leads() && value[0].const_data_ptr() != tensor.const_data_ptr()) {
      tensor.detach().copy_(value[0]);
    }
  }

  void barrier() override {
    complete("barrier", 0, /*linked=*/false, [](c10d::Backend& engine) {
      return engine.barrier(without_limit<c10d::BarrierOptions>());
    });
  }

  std::string use_device(at::Device device) override {
    finish_collectives();
    std::vector<DevicePlace> places = device_places(*this, device);  // all have finished theirs
    if (places == places_) return "";
    places_ = std::move(places);
    link_.reset();
    const std::string reason = reason_against_nccl(places_);
    if (reason.empty()) {
      link_ = std::make_unique<DeviceLink>(nccl_engine(device), watch_);
      return "GPUs exchange tensors by NCCL";
    }
    if (!device.is_cuda()) return "";
    return format("GPUs exchange tensors through the memory of the host, because {}", reason);
  }

  void finish_collectives() override {
    if (!link_) return;
    GroupLog::Call call(log(), "the operations of the GPU", 0);
    guarded_.guard([&] {
      link_->finish([&call] { call.still_waits(); });
      guarded_.throw_failure();
    });
  }

  Error fail(const Error& error) override { return guarded_.fail(error); }

  bool leader_is_missing() const override {
    const auto failure = watch_->failure();
    return failure && failure->missing && failure->rank == 0;
  }
  void leave() override {
    log().write("leaves the group");
    end_link();
    watch_->leave();
  }

 private:
  using Work = GuardedCalls::Work;

  class BegunSum : public PendingSum {
   public:
    BegunSum(GlooGroup& group, Work work, int64_t bytes, bool linked)
        : group_(group), work_(std::move(work)), bytes_(bytes), linked_(linked) {}
    void finish() override {
      GroupLog::Call call(group_.log(), "the sum of a bucket", bytes_);
      group_.guarded_.guard([&] {
        if (linked_) {
          work_->synchronize();  // of the streams
        } else {
          group_.guarded_.wait_for(*work_, call);
        }
      });
    }

   private:
    GlooGroup& group_;
    const Work work_;
    const int64_t bytes_;
    const bool linked_;
  };

  // The host would have to wait for the GPU in the midst of the backward pass.
  class LateSum : public PendingSum {
   public:
    LateSum(GlooGroup& group, at::Tensor tensor) : group_(group), tensor_(std::move(tensor)) {}
    void finish() override { group_.all_reduce({tensor_}); }

   private:
    GlooGroup& group_;
    const at::Tensor tensor_;
  };

  bool is_linked(const at::Tensor& tensor) const { return link_ && tensor.is_cuda(); }
  static at::Tensor staged(const at::Tensor& tensor, bool linked) {
    return linked ? tensor : tensor.cpu();
  }

  // An engine that ends takes memory that another GPU may still read.
  void end_link() {
    if (!link_) return;
    try {
      finish_collectives();
      barrier();
    } catch (const Error&) {  // the group has failed: nothing that it computes is kept
    }
    link_.reset();
  }

  // Each process sends its whole part to every other one, all at once, and adds up what it gets, in
  // the order of the ranks. In a ring, as allreduce has it, each message waits for the one before,
  // twice around. Every batch norm waits for such a sum.
  at::Tensor sum_of_exchanged(const at::Tensor& part) {
    at::Tensor sent = part.expand({size(), part.numel()}).contiguous(),
               received = at::empty_like(sent);
    complete("all_reduce", part.nbytes(), /*linked=*/false, [&](c10d::Backend& engine) {
      std::vector<int64_t> equal_parts;
      return engine.alltoall_base(received, sent, equal_parts, equal_parts,
                                  without_limit<c10d::AllToAllOptions>());
    });
    at::Tensor sum = received[0];
    for (int rank = 1; rank < size(); ++rank) sum.add_(received[rank]);
    return sum;
  }

  template <class Begin>
  void complete(const char* name, int64_t bytes, bool linked, const Begin& begin) {
    GroupLog::Call call(log(), name, bytes);
    guarded_.guard([&] {
      if (linked) {
        guarded_.throw_failure();
        link_->send(begin);
        return;
      }
      guarded_.wait_for(*begin(*engines_.calls), call);
    });
  }

  void complete_by_two(const char* name, int64_t bytes, const std::function<Work()>& begin) {
    GroupLog::Call call(log(), name, bytes);
    guarded_.guard([&] { guarded_.wait_for_one(begin(), call); });
  }

  c10::intrusive_ptr<c10d::Backend> nccl_engine(at::Device device) {
    const auto store = c10::make_intrusive<c10d::PrefixStore>(format("nccl/{}", links_++), store_);
    return start_nccl(store, rank(), size(), device, [this] { guarded_.throw_failure(); });
  }

  const c10::intrusive_ptr<c10d::Store> store_;  // the leader's serves the others
  const std::shared_ptr<Watch> watch_;
  GuardedCalls guarded_;
  GlooEngines engines_;
  std::vector<DevicePlace> places_;
  std::unique_ptr<DeviceLink> link_;
  int links_ = 0;  // that this group has had
};

}  // namespace

std::shared_ptr<Group> connect_in(const c10::intrusive_ptr<c10d::Store>& store,
                                  const GroupPlace& place) {
  return std::make_shared<GlooGroup>(place, store, connect_engines(store, place));
}

}  // namespace nolabel
