// The threads that answer requests.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "nolabel/serve/connection.h"

namespace nolabel {

// Every thread calls the work that `make_work` made for it, for one connection after the other. The
// queue is as long as there are connections at most, since each waits in it once.
class Workers {
 public:
  using Work = std::function<void(Connection)>;

  Workers(int threads, const std::function<Work()>& make_work);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();  // waits for the work that has begun; connections in the queue are closed

  void give(Connection connection);

 private:
  void work_off(const Work& work);
  void end();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Connection> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace nolabel
