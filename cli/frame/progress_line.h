// What a terminal shows while work runs.
#pragma once

#include <cstddef>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel::cli {

// "scan  epoch 3 of 50  12,800 of 50,000 images  1,234 images/s  4 min left", in at most so many
// columns: where that is too narrow, the rate and the units go first, then the step, and then the
// middle of the stage's name.
std::string progress_line(const Progress& progress, size_t columns);

}  // namespace nolabel::cli
