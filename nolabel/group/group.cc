#include "nolabel/group/group.h"

#include <algorithm>

#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

class NoSum : public PendingSum {
 public:
  void finish() override {}
};

class SingleProcess : public Group {
 public:
  SingleProcess() : Group(0, 1) {}
  void all_reduce(const std::vector<at::Tensor>&) override {}
  std::unique_ptr<PendingSum> begin_sum(const at::Tensor&) override {
    return std::make_unique<NoSum>();
  }
  at::Tensor all_gather(const at::Tensor& rows, int64_t) override { return rows; }
  void send_to_leader(const at::Tensor&) override { NOLABEL_ASSERT(false); }  // it leads
  void receive_from(int, const at::Tensor&) override { NOLABEL_ASSERT(false); }
  void broadcast(const at::Tensor&) override {}
  void barrier() override {}
  std::string use_device(at::Device) override { return ""; }
  void finish_collectives() override {}
  Error fail(const Error& error) override { return error; }
  bool leader_is_missing() const override { return false; }
  void leave() override {}
};

}  // namespace

Share share_of(int64_t count, int rank, int size) {
  const int64_t least = count / size, larger = count % size;
  return {rank * least + std::min<int64_t>(rank, larger), least + (rank < larger ? 1 : 0)};
}

std::shared_ptr<Group> single_process() {
  static const auto alone = std::make_shared<SingleProcess>();
  return alone;
}

int threads_of_each(const Group& group, int threads) {
  if (group.owns_processors() || threads * group.local_size() <= available_threads()) {
    return threads;
  }
  return std::max(1, threads / group.local_size());
}

}  // namespace nolabel
