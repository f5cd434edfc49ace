// Errors of the library. The code that throws an error states whose fault it is. The program turns
// this into an exit code and prints only the message. The message is one line: what is required,
// then what was received.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "nolabel/base/format.h"

namespace nolabel {

enum class Fault {
  usage,     // the caller's mistake: a setting, a flag, artifacts that do not fit
  data,      // input that cannot be used: unreadable, truncated, empty
  system,    // the machine: disk full, permission, device lost
  stopped,   // ended on request, after a checkpoint
  internal,  // a defect of nolabel
};

// 2, 3, 4, 75 and 70 (BSD's EX_TEMPFAIL and EX_SOFTWARE), in the order above.
int exit_code(Fault fault);

class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

// Any exception as an Error: an Error as it is; otherwise exhausted memory, a failure of the system
// (files and threads), or a defect of nolabel, by the first line of the message.
Error as_error(const std::exception& exception);
// Whether it says that memory, the machine's or a GPU's, is exhausted.
bool means_no_memory(const std::exception& exception);

template <class... Arguments>
[[noreturn]] void fail_usage(std::string_view pattern, const Arguments&... arguments) {
  throw Error(Fault::usage, format(pattern, arguments...));
}
template <class... Arguments>
[[noreturn]] void fail_data(std::string_view pattern, const Arguments&... arguments) {
  throw Error(Fault::data, format(pattern, arguments...));
}
template <class... Arguments>
[[noreturn]] void fail_system(std::string_view pattern, const Arguments&... arguments) {
  throw Error(Fault::system, format(pattern, arguments...));
}

[[noreturn]] void fail_internal(const char* condition, const char* file, int line);

}  // namespace nolabel

// A broken invariant of our own, never a user's mistake.
#define NOLABEL_ASSERT(condition) \
  ((condition) ? void(0) : ::nolabel::fail_internal(#condition, __FILE__, __LINE__))
