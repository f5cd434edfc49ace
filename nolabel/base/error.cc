#include "nolabel/base/error.h"

#include <new>
#include <system_error>

namespace nolabel {

// LibTorch's allocators throw exceptions of its own, not std::bad_alloc, and so do cuDNN and oneDNN
// where they find no memory for the code or the buffers of an operation.
bool means_no_memory(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception)) return true;
  const std::string_view message = exception.what();
  for (const char* sign :
       {"DefaultCPUAllocator", "out of memory", "ALLOC_FAILED", "could not create a primitive",
        "could not create a memory", "could not execute a primitive"}) {
    if (message.find(sign) != message.npos) return true;
  }
  return false;
}

Error as_error(const std::exception& exception) {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return *error;
  if (means_no_memory(exception)) return {Fault::system, "out of memory"};
  const std::string message = exception.what();
  if (dynamic_cast<const std::system_error*>(&exception)) return {Fault::system, message};
  return {Fault::internal, message.substr(0, message.find('\n'))};  // LibTorch appends a trace
}

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return 2;
    case Fault::data:
      return 3;
    case Fault::system:
      return 4;
    case Fault::stopped:
      return 75;
    case Fault::internal:
      return 70;
  }
  return 70;
}

void fail_internal(const char* condition, const char* file, int line) {
  std::string_view name(file);
  name.remove_prefix(name.find_last_of('/') + 1);
  throw Error(Fault::internal, format("{} does not hold ({}:{})", condition, name, line));
}

}  // namespace nolabel
