// One attempt to get (the rest of) a file over HTTP. The state machine around it is download.cc's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

struct HttpAttempt {
  std::string url;
  int descriptor = -1;         // file to write to; holds `start` bytes
  int64_t start = 0;           // 0: the whole file, else the rest from this byte on
  int64_t expected_bytes = 0;  // of the whole file, for progress; 0: unknown
  std::chrono::seconds stall{60};
  // The server must begin to answer within this time. Looking up its name, connecting and every
  // redirection count.
  std::chrono::milliseconds first_answer{30'000};
};

struct HttpOutcome {
  enum class Kind {
    complete,     // the server has nothing more to send
    cut,          // worth another try
    restart,      // the server has no such range: worth a try from byte 0
    refused,      // not worth one
    unreachable,  // no server answered: no network, no such name, a closed port, no proxy
    stopped,      // the cancel token was used
  };
  Kind kind;
  bool length_known = false;            // the server had told how much it would send
  std::string reason = {};              // of what is not complete
  std::chrono::seconds retry_after{0};  // that the server asks for
};

// Writes what arrives. A server that ignores the range has the file start from 0. Throws
// Error(Fault::system) when the file cannot be written.
HttpOutcome run(const HttpAttempt& attempt, const Observer& observer);

}  // namespace nolabel
