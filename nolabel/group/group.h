// A group of processes that work on one thing, with the collective operations of
// torch.distributed. One process alone is a group, too, for which they do nothing, so that no stage
// asks how many processes there are.
//
// Every process of a group must make the same calls in the same order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/group/group_log.h"
#include "nolabel/group/placement.h"

namespace nolabel {

// Consecutive rows, or samples.
struct Share {
  int64_t begin, size;
  bool operator==(const Share&) const = default;
};

// Of `count` things, those of one of `size` ranks: the shares follow one another and differ by one
// at most, the first ones being the larger.
Share share_of(int64_t count, int rank, int size);

// A sum that Group::begin_sum() has begun. Must not outlive the group.
class PendingSum {
 public:
  virtual ~PendingSum() = default;
  // Waits for it. Once.
  virtual void finish() = 0;
};

// Every call may throw Error: a process is gone or cannot be reached (Fault::system), or it has
// failed, and this is what it said. The group cannot be used any more then.
class Group {
 public:
  virtual ~Group() = default;

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool leads() const { return rank_ == 0; }  // runs the command; the others help (message.h)
  // The same among the processes on this machine.
  int local_rank() const { return local_rank_; }
  int local_size() const { return local_size_; }
  // No other process of the machine runs on this one's processors.
  bool owns_processors() const { return owns_processors_; }
  Share share(int64_t count) const { return share_of(count, rank_, size_); }

  // What this process does is written there from now on.
  void write_to(std::shared_ptr<GroupLog> log) { log_ = std::move(log); }
  GroupLog& log() const { return *log_; }

  // The sums over all processes, in place, in the same bits everywhere. Dense tensors of one type
  // and device.
  virtual void all_reduce(const std::vector<at::Tensor>& tensors) = 0;
  // Begins the sum over all processes of a contiguous tensor, in place, and returns. Nobody may
  // touch the tensor before finish(). May be called by the thread of a backward pass, while the
  // thread of the group waits for that pass. On the CPU, these sums need the same order in all
  // processes among themselves only. On a GPU with NCCL, these sums and all other calls need one
  // order. A tensor of a GPU that goes through the memory of the host travels in finish().
  virtual std::unique_ptr<PendingSum> begin_sum(const at::Tensor& tensor) = 0;
  // [share(count).size, …] of each process to [count, …], on the CPU or the device of `rows`. The
  // gradient of the result flows to the rows of this process.
  virtual at::Tensor all_gather(const at::Tensor& rows, int64_t count) = 0;
  // A tensor of the CPU from one of the others to the leader, which gives one of the same shape and
  // type to write to. Returns when it is there, or on its way.
  virtual void send_to_leader(const at::Tensor& tensor) = 0;
  virtual void receive_from(int rank, const at::Tensor& tensor) = 0;
  // What the leader has, in place.
  virtual void broadcast(const at::Tensor& tensor) = 0;
  // Returns when every process has called it.
  virtual void barrier() = 0;

  // From now on this process computes on `device`: tensors of a GPU travel by NCCL where each
  // process has told of a GPU of its own, else through the memory of the host, like those of
  // processors. All processes must call it, before the first call with a tensor of a GPU that is to
  // travel by NCCL. Returns what to tell people, for GPUs: how their tensors travel, and why.
  // Empty: as before.
  virtual std::string use_device(at::Device device) = 0;
  // What the calls before have sent to a GPU is done when this returns; until then the GPU, not the
  // host, waits for other processes. After a failure, results on a GPU are worthless, and only this
  // call says so: make it before keeping any. This process alone may call it.
  virtual void finish_collectives() = 0;

  // This process cannot go on: the others fail with the same error, where none was before. Returns
  // the first error of the group.
  virtual Error fail(const Error& error) = 0;
  // Whether the leader has ended without a word, or cannot be reached: nobody else says so then.
  virtual bool leader_is_missing() const = 0;
  // The last call: this process needs the others no more.
  virtual void leave() = 0;

 protected:
  Group(int rank, int size, int local_rank = 0, int local_size = 1, bool owns_processors = true)
      : rank_(rank),
        size_(size),
        local_rank_(local_rank),
        local_size_(local_size),
        owns_processors_(owns_processors) {}

 private:
  const int rank_, size_, local_rank_, local_size_;
  const bool owns_processors_;
  std::shared_ptr<GroupLog> log_ = std::make_shared<GroupLog>();  // keeps nothing
};

std::shared_ptr<Group> single_process();

// How many threads each process of this machine takes where all compute at once: `threads`, if each
// process has processors of its own or there are enough for all, else its part of them.
int threads_of_each(const Group& group, int threads);

}  // namespace nolabel
