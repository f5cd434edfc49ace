// Exceptions to one line on stderr and an exit code.
#pragma once

#include <functional>
#include <string_view>

#include "nolabel/base/error.h"

namespace nolabel::cli {

// An error that another process prints: this one only ends with the same exit code.
class SaidByAnother : public Error {
 public:
  explicit SaidByAnother(const Error& error) : Error(error) {}
};

// Runs `body` and returns its exit code, or that of what it throws (base/error.h) after the line
// "nolabel <command>: message". Anything that is not an Error is a defect of nolabel: 70, with a
// line asking for a report, and of the exception's text only the first line. No memory left: 4.
int guarded(std::string_view command, const std::function<int()>& body);

}  // namespace nolabel::cli
