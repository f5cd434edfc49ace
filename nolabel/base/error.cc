#include "nolabel/base/error.h"

namespace nolabel {

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
