// Durations as people read them.
#pragma once

#include <string>

namespace nolabel {

// "35 s", "4 min", "1 h 20 min", "2 d 3 h"
std::string duration_text(double seconds);

}  // namespace nolabel
