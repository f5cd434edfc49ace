// Reading and writing for one request, with an end to waiting.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>

#include "nolabel/serve/connection.h"

namespace nolabel {

// The whole body must come within `patience`, and then the whole answer must be taken within it.
// When `stopping` becomes true, reading ends at once and writing soon.
class TimedStream {
 public:
  TimedStream(Connection& connection, std::chrono::milliseconds patience,
              const std::atomic<bool>& stopping);
  TimedStream(const TimedStream&) = delete;
  TimedStream& operator=(const TimedStream&) = delete;
  ~TimedStream();  // what was read is gone from connection.received

  // Bytes; 0 at the end; -1 when the time is over or the connection is broken.
  ssize_t read(char* to, size_t size);
  ssize_t write(const char* from, size_t size);

  int descriptor() const { return connection_.socket.get(); }

 private:
  bool wait(short event);

  Connection& connection_;
  const std::chrono::milliseconds patience_;
  const std::atomic<bool>& stopping_;
  ServeClock::time_point until_;
  size_t used_ = 0;  // of connection.received
  bool writing_ = false, hurried_ = false;
};

}  // namespace nolabel
