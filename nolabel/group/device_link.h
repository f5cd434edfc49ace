// Collective operations on the tensors of a GPU, by an engine that works on the GPU itself (NCCL).
//
// An operation is only sent to the GPU: the host goes on, and what it sends later waits on the GPU.
// So a step costs no waiting of the host. But a GPU that waits for a process that is gone waits for
// good, and with it the host wherever it needs a result. Therefore a thread looks at the watch (and
// at the engine's own errors); when the group has failed, it makes the engine abort, which ends all
// that the GPU waits for. What the GPU has computed since is worthless, so the host calls finish()
// and asks the watch before it keeps anything.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <functional>
#include <memory>
#include <thread>

namespace c10d {
class Backend;
class Work;
}  // namespace c10d

namespace nolabel {

class Watch;

class DeviceLink {
 public:
  DeviceLink(c10::intrusive_ptr<c10d::Backend> engine, std::shared_ptr<Watch> watch);
  // Waits until the GPU has done what others of the group may wait for, and for the end of the
  // engine; not for what may never come.
  ~DeviceLink();

  using Begin = std::function<c10::intrusive_ptr<c10d::Work>(c10d::Backend&)>;
  // The operation that `begin` begins: after all that this thread's stream was sent before, and
  // before all that it is sent later. One thread at a time. Throws what the engine throws.
  void send(const Begin& begin);
  // The same, but what this thread's stream is sent later does not wait for the operation before
  // synchronize() of the result, which the host does not wait for either.
  c10::intrusive_ptr<c10d::Work> send_apart(const Begin& begin);

  // Returns when the GPU has done all operations, or when the watch knows a failure. Calls
  // `meanwhile` again and again until then. Throws the engine's own error.
  void finish(const std::function<void()>& meanwhile);

 private:
  struct State;
  const std::shared_ptr<State> state_;
  std::thread monitor_;
};

}  // namespace nolabel
