#include "nolabel/cuda/graph_recording.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/Event.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace nolabel {
namespace {

class GraphRecording : public Recording {
 public:
  explicit GraphRecording(at::Device device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {}

  void rehearse(const std::function<void()>& work) override { on_own_stream(work); }

  void record(const std::function<void()>& work) override {
    const c10::cuda::CUDAGuard guard(stream_.device_index());
    // What failed before is not the recording's fault.
    c10::cuda::device_synchronize();
    // The rehearsals' memory is not the recording's, which takes as much.
    c10::cuda::CUDACachingAllocator::emptyCache();
    on_own_stream([&] {
      // The thread that makes the next batch's inputs takes pinned memory meanwhile, which CUDA
      // forbids to no other thread than this one only in this mode.
      graph_.capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
      try {
        work();
      } catch (...) {
        abandon();
        throw;
      }
      graph_.capture_end();
    });
  }

  void repeat() override { graph_.replay(); }

 private:
  // The device records only what is sent to another stream than the default one. The streams wait
  // for each other: what lies before is complete for `work`, and `work` for what comes.
  void on_own_stream(const std::function<void()>& work) {
    const c10::cuda::CUDAStream current = c10::cuda::getCurrentCUDAStream(stream_.device_index());
    wait_for(current, stream_);
    {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      work();
    }
    wait_for(stream_, current);
  }

  static void wait_for(const c10::cuda::CUDAStream& earlier, const c10::cuda::CUDAStream& later) {
    c10::Event event(c10::DeviceType::CUDA);
    event.record(earlier.unwrap());
    event.block(later.unwrap());
  }

  // What was recorded so far is of no use. The error that ended it is what counts.
  void abandon() noexcept {
    try {
      graph_.capture_end();
      return;
    } catch (const std::exception&) {
    }
    // Else the allocator would go on to take memory for a recording.
    try {
      c10::cuda::CUDACachingAllocator::endAllocateToPool(stream_.device_index(), pool_);
    } catch (const std::exception&) {  // it had come so far itself
    }
  }

  const c10::cuda::CUDAStream stream_;
  const c10::MempoolId_t pool_ = at::cuda::graph_pool_handle();
  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<Recording> make_graph_recording(at::Device device) {
  const c10::cuda::CUDAGuard guard(device);
  return std::make_unique<GraphRecording>(device);
}

}  // namespace nolabel
