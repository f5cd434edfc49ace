// Names what is no file of weights, so that people know what they have and what to do.
// Private to weights.
#pragma once

#include <string>
#include <vector>

#include "nolabel/base/bytes.h"

namespace nolabel {

// One clause that begins with "it is" and tells what to do instead: "it is a Git LFS pointer of 132
// bytes; fetch the real file with git lfs pull". Always something, also for unknown content.
std::string describe_foreign_file(Bytes bytes);

// The same for a zip archive without the entries of PyTorch's; `names` are those it has.
std::string describe_foreign_zip(const std::vector<std::string>& names);

}  // namespace nolabel
