#include "nolabel/processor/kept_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

#include "nolabel/processor/block_heap.h"

namespace nolabel {
namespace {

constexpr size_t least = size_t{256} << 10;  // bytes

class KeepingAllocator final : public c10::Allocator {
 public:
  // Never destroyed: tensors of static lifetime end after it would.
  static KeepingAllocator& instance() {
    static auto* const allocator = new KeepingAllocator;
    return *allocator;
  }

  c10::DataPtr allocate(size_t bytes) override {
    if (bytes >= least && keepers_ > 0) {
      const std::lock_guard lock(mutex_);
      if (void* block = heap_.take(bytes)) {
        return {block, block, &give_back, at::Device(at::kCPU)};
      }
    }
    return before_->allocate(bytes);  // throws what LibTorch throws where no memory is left
  }

  // Frees what either of the two allocators gave: raw_allocate() hides which.
  c10::DeleterFnPtr raw_deleter() const override {
    return before_->raw_deleter() ? &give_back : nullptr;
  }

  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

  void begin() { ++keepers_; }
  void end() {
    if (--keepers_ > 0) return;
    const std::lock_guard lock(mutex_);
    if (keepers_ == 0) heap_.return_memory();
  }

  KeptBytes bytes() {
    const std::lock_guard lock(mutex_);
    return {.used = static_cast<int64_t>(heap_.used()), .kept = static_cast<int64_t>(heap_.kept())};
  }

 private:
  KeepingAllocator() : before_(c10::GetCPUAllocator()) {
    c10::SetCPUAllocator(this);
    // A child has only the thread that called fork(): the others' work, and with it what keeps
    // memory, does not exist there.
    pthread_atfork([] { instance().mutex_.lock(); }, [] { instance().mutex_.unlock(); },
                   [] {
                     instance().keepers_ = 0;
                     instance().mutex_.unlock();
                   });
  }

  static void give_back(void* block) {
    KeepingAllocator& allocator = instance();
    {
      const std::lock_guard lock(allocator.mutex_);
      if (allocator.heap_.give_back(block, allocator.keepers_ > 0)) return;
    }
    allocator.before_->raw_deleter()(block);
  }

  c10::Allocator* const before_;
  std::atomic<int> keepers_ = 0;
  std::mutex mutex_;
  BlockHeap heap_;
};

}  // namespace

KeptMemory::KeptMemory() {
  KeepingAllocator::instance().begin();
}

KeptMemory::~KeptMemory() {
  KeepingAllocator::instance().end();
}

KeptBytes kept_bytes() {
  return KeepingAllocator::instance().bytes();
}

}  // namespace nolabel
