#include "nolabel/serve/workers.h"

namespace nolabel {

Workers::Workers(int threads, const std::function<Work()>& make_work) {
  try {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, work = make_work()] { work_off(work); });
    }
  } catch (...) {
    end();
    throw;
  }
}

Workers::~Workers() {
  end();
}

void Workers::end() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    queue_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::give(Connection connection) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(connection));
  }
  changed_.notify_one();
}

void Workers::work_off(const Work& work) {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) return;
    Connection connection = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work(std::move(connection));
  }
}

}  // namespace nolabel
