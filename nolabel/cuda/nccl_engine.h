// PyTorch's engine for collective operations among GPUs, c10d::ProcessGroupNCCL. Its class is in
// libtorch_cuda.so, which only this plug-in links.
#pragma once

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace nolabel {

// See CudaFunctions (gpu/plugin.h).
c10::intrusive_ptr<c10d::Backend> make_nccl_engine(const c10::intrusive_ptr<c10d::Store>& store,
                                                   int rank, int size);

}  // namespace nolabel
