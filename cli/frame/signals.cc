#include "cli/frame/signals.h"

#include <signal.h>
#include <unistd.h>

#include <string>

#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

// A signal handler takes no user argument, so these are the only globals of the program. The token
// and the text are never freed, so that a signal during exit finds them.
const CancelToken* signal_token = nullptr;
const std::string* interrupt_text = nullptr;
volatile sig_atomic_t interrupted_before = 0;

// Only async-signal-safe calls.
void handle(int signal) {
  constexpr int interrupted = 130;  // 128 + SIGINT, as shells report it
  if (signal == SIGINT && interrupted_before) ::_exit(interrupted);
  if (signal == SIGINT) interrupted_before = 1;
  signal_token->request();
  if (signal == SIGINT) {
    [[maybe_unused]] const auto written =
        ::write(STDERR_FILENO, interrupt_text->data(), interrupt_text->size());
  }
}

}  // namespace

void cancel_on_signals(const CancelToken& cancel, std::string_view at_interrupt) {
  signal_token = new CancelToken(cancel);
  interrupt_text =
      new std::string(format("\n{}; press Ctrl-C again to stop at once\n", at_interrupt));
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) ::sigaction(signal, &action, nullptr);
}

void say_nothing_at_interrupt() {
  interrupt_text = new std::string();
}

}  // namespace nolabel::cli
