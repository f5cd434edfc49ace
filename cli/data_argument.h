// The argument DATA, the same in every command about images.
#pragma once

#include <string>
#include <vector>

#include "cli/frame/command_line.h"

namespace nolabel::cli {

inline void take_data(CommandLine& line, std::vector<std::string>& data) {
  line.arguments("DATA", &data, 0, 1000,
                 "a folder of images, a list file (path[,label]) or a published data set; leave "
                 "DATA out if the run already knows its images");
}

}  // namespace nolabel::cli
