// Ctrl-C, SIGTERM and SIGUSR1 (a scheduler's warning) ask the work to stop; a second Ctrl-C ends
// the program at once.
#pragma once

#include <string_view>

#include "nolabel/base/cancel.h"

namespace nolabel::cli {

// Call once. The program's handlers use `cancel` from then on. `at_interrupt` is what the first
// Ctrl-C prints: what happens now.
void cancel_on_signals(const CancelToken& cancel, std::string_view at_interrupt);

// From now on the first Ctrl-C prints nothing, because another process does.
void say_nothing_at_interrupt();

}  // namespace nolabel::cli
