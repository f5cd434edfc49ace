// What is made on another thread before it is needed. The thread stays, because OpenMP keeps a team
// of threads for every thread that has ever used it.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {

// One thing at a time; called by one thread.
template <class T>
class Ahead {
 public:
  Ahead() = default;
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  // Waits for what is being made. Nobody will ask for it.
  ~Ahead() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void begin(std::function<T()> make) {
    NOLABEL_ASSERT(!begun());
    std::packaged_task<T()> task(std::move(make));
    made_ = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      task_ = std::move(task);
    }
    wake_.notify_one();
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }

  bool begun() const { return made_.valid(); }
  // Waits until it is made. Throws what making it threw.
  T take() { return made_.get(); }
  // Waits, and forgets it.
  void drop() {
    if (!begun()) return;
    made_.wait();
    made_ = {};
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ended_ || task_.valid(); });
      if (!task_.valid()) return;
      std::packaged_task<T()> task = std::move(task_);
      task_ = {};
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::packaged_task<T()> task_;  // to be begun
  std::future<T> made_;
  std::thread thread_;
};

}  // namespace nolabel
