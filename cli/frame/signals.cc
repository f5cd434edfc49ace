#include "cli/frame/signals.h"

#include <signal.h>
#include <unistd.h>

namespace nolabel::cli {
namespace {

// A signal handler takes no user argument, so these are the only globals of the program. The token
// is never freed, so that a signal during exit finds it.
const CancelToken* signal_token = nullptr;
volatile sig_atomic_t interrupted_before = 0;

// Only async-signal-safe calls.
void handle(int signal) {
  constexpr int interrupted = 130;  // 128 + SIGINT, as shells report it
  if (signal == SIGINT && interrupted_before) ::_exit(interrupted);
  if (signal == SIGINT) interrupted_before = 1;
  signal_token->request();
  if (signal == SIGINT) {
    constexpr char text[] =
        "\nnolabel saves a checkpoint and then stops; press Ctrl-C again to stop at once\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, sizeof text - 1);
  }
}

}  // namespace

void cancel_on_signals(const CancelToken& cancel) {
  signal_token = new CancelToken(cancel);
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) ::sigaction(signal, &action, nullptr);
}

}  // namespace nolabel::cli
