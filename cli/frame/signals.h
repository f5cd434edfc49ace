// Ctrl-C, SIGTERM and SIGUSR1 (a scheduler's warning) ask the work to stop; a second Ctrl-C ends
// the program at once.
#pragma once

#include "nolabel/base/cancel.h"

namespace nolabel::cli {

// Call once. The program's handlers use `cancel` from then on.
void cancel_on_signals(const CancelToken& cancel);

}  // namespace nolabel::cli
