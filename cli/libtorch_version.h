#pragma once

namespace nolabel::cli {

// "2.11.0": the LibTorch that the program was built with.
const char* libtorch_version();

}  // namespace nolabel::cli
