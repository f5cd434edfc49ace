// The connections that wait: for the first byte, the rest of a head, or the next request.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "nolabel/base/cancel.h"
#include "nolabel/serve/connection.h"

namespace nolabel {

// One thread watches all of them, so that one which says nothing, or slowly, costs no thread.
// Browsers open connections before they need them.
class ConnectionLoop {
 public:
  struct Limits {
    size_t most_connections;
    size_t most_head;                     // bytes of the first line and the headers together
    std::chrono::milliseconds head_time;  // from the first byte to the last
    std::chrono::milliseconds idle_time;  // without a byte
  };
  // `give` gets a connection as soon as the whole head of a request is there.
  ConnectionLoop(const Socket& listener, const Limits& limits,
                 std::function<void(Connection)> give);

  // Until the token is used. Then the connections that wait are closed.
  void run(const CancelToken& cancel);

  // From any thread, for every connection that was given: its request is answered. It waits for
  // another one when it is `reusable`.
  void take_back(Connection connection, bool reusable);

 private:
  void collect_returned();
  void wait();
  void accept_all();
  bool make_room();
  // Whether the connection goes on waiting.
  bool advance(Connection& connection);

  const Socket& listener_;
  const Limits limits_;
  const std::function<void(Connection)> give_;
  const Socket wake_;  // is written to when a connection returns
  std::vector<Connection> waiting_;
  size_t given_ = 0;
  bool exhausted_ = false;  // the machine has no descriptor left for another connection
  std::mutex mutex_;
  std::vector<Connection> returned_;
};

}  // namespace nolabel
