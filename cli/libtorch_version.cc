#include "cli/libtorch_version.h"

namespace nolabel::cli {

const char* libtorch_version() {
  return NOLABEL_LIBTORCH_VERSION;
}

}  // namespace nolabel::cli
