// The start of NCCL among the processes of a group, each of which has a GPU of its own.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/intrusive_ptr.h>

#include <functional>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace nolabel {

// An engine that all processes have added a number up with. All must call it, with a store for it
// alone. `look` is called while it waits for the others, and gives up by an exception. Throws
// Error(Fault::system) where NCCL does not start.
c10::intrusive_ptr<c10d::Backend> start_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                             int size, at::Device device,
                                             const std::function<void()>& look);

}  // namespace nolabel
