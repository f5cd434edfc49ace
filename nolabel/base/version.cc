#include "nolabel/base/version.h"

namespace nolabel {

const char* const version = NOLABEL_VERSION;

}  // namespace nolabel
