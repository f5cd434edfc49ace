#include "nolabel/processor/kept_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <pthread.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <new>

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
      if (void* block = take(bytes)) return {block, block, &give_back, at::Device(at::kCPU)};
    }
    try {
      return before_->allocate(bytes);
    } catch (const std::exception&) {
      if (!return_memory()) throw;
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

  // Of this process: a child made by fork() has another.
  int begin() {
    ++keepers_;
    return process_;
  }
  void end(int process) {
    if (process != process_ || --keepers_ > 0) return;
    const std::lock_guard lock(mutex_);
    if (keepers_ == 0) heap_.return_memory();
  }

  // Whether there was any.
  bool return_memory() {
    const std::lock_guard lock(mutex_);
    const bool kept = heap_.kept() > 0;
    heap_.return_memory();
    return kept;
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
                   [] { instance().begin_in_child(); });
  }

  void begin_in_child() {
    ++process_;
    keepers_ = 0;
    heap_.return_memory();
    mutex_.unlock();
  }

  // nullptr where the system has no memory.
  void* take(size_t bytes) {
    const std::lock_guard lock(mutex_);
    try {
      void* const block = heap_.take(bytes);
      if (block) report(block, static_cast<int64_t>(bytes));
      return block;
    } catch (const std::bad_alloc&) {  // of the heap's own books
      return nullptr;
    }
  }

  // To PyTorch's profiler, which sees LibTorch's own blocks.
  void report(void* block, int64_t bytes) const {
    if (!c10::memoryProfilingEnabled()) return;
    c10::reportMemoryUsageToProfiler(block, bytes, heap_.used(), heap_.used() + heap_.kept(),
                                     at::Device(at::kCPU));
  }

  static void give_back(void* block) {
    KeepingAllocator& allocator = instance();
    {
      const std::lock_guard lock(allocator.mutex_);
      const size_t before = allocator.heap_.used();
      if (allocator.heap_.give_back(block, allocator.keepers_ > 0)) {
        allocator.report(block, -static_cast<int64_t>(before - allocator.heap_.used()));
        return;
      }
    }
    allocator.before_->raw_deleter()(block);
  }

  c10::Allocator* const before_;
  std::atomic<int> keepers_ = 0;
  std::atomic<int> process_ = 0;  // how many forks it is away from the first
  std::mutex mutex_;
  BlockHeap heap_;
};

}  // namespace

KeptMemory::KeptMemory() : process_(KeepingAllocator::instance().begin()) {}

KeptMemory::~KeptMemory() {
  KeepingAllocator::instance().end(process_);
}

void return_kept_memory() {
  KeepingAllocator::instance().return_memory();
}

KeptBytes kept_bytes() {
  return KeepingAllocator::instance().bytes();
}

}  // namespace nolabel
