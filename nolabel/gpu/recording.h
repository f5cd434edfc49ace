// A piece of work on a GPU that is recorded once and then repeated: the device gets all of its
// operators at once (CUDA calls this a graph). Where a step has hundreds of small operators, the
// host needs longer to send them one by one than the device needs to compute them.
//
// What is recorded must compute the same thing each time: on the same memory, with the same
// numbers, without asking the device for a value and without copies from memory that is not pinned.
// Values that change between repetitions lie in tensors that keep their addresses.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace nolabel {

class Recording {
 public:
  virtual ~Recording() = default;

  // Does `work` as it comes, on the stream of the device that record() uses: what LibTorch's
  // operators keep per stream is there before anything is recorded.
  virtual void rehearse(const std::function<void()>& work) = 0;
  // Records what `work` sends to the device, once; nothing of it is computed. Tensors that `work`
  // keeps are rewritten by each repeat(). Throws what `work` throws, and c10::Error where the
  // device cannot record it; the recording is of no use then.
  virtual void record(const std::function<void()>& work) = 0;
  // Computes what was recorded, after all that the thread has sent to the device before, and before
  // all that it sends later. Throws c10::Error.
  virtual void repeat() = 0;
};

// Null where the device records nothing: a CPU.
std::unique_ptr<Recording> make_recording(at::Device device);

}  // namespace nolabel
