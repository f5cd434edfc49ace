// One connection of a browser, while nobody works for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "nolabel/serve/socket.h"

namespace nolabel {

using ServeClock = std::chrono::steady_clock;

struct Connection {
  Socket socket;                 // does not block
  std::string received;          // what no request has used yet
  ServeClock::time_point since;  // of its last change: the connection opened, or a request ended
  ServeClock::time_point until;  // it is closed then, unless it has gone on
  bool leaving = false;          // it has got its last answer; what still comes is thrown away
};

enum class Arrival {
  part,      // of a head, or nothing yet
  head,      // `received` holds the whole head of a request, and perhaps more
  too_long,  // there are `most` bytes without the end of a head
  end,       // the other side has gone
};

// Takes what has come, without waiting. At most `most` bytes are kept.
Arrival receive(Connection& connection, size_t most);

// Sends nothing more, so that the other side sees the end. Closing at once could destroy the last
// answer on its way while something still comes.
void leave(Connection& connection, std::chrono::milliseconds time);

}  // namespace nolabel
