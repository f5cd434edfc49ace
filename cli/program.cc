// nolabel COMMAND …: finds the command and runs it.

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/frame/command.h"
#include "cli/frame/command_line.h"
#include "cli/frame/exit.h"
#include "cli/frame/overview.h"
#include "cli/frame/signals.h"
#include "cli/group_work.h"
#include "cli/libtorch_version.h"
#include "nolabel/base/error.h"
#include "nolabel/base/version.h"

namespace nolabel::cli {
namespace {

void print_output(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// A full disk or a closed pipe behind stdout must not look like success.
void flush_stdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) fail_system("cannot write standard output");
}

int run(const Command& command, std::vector<std::string> words, const CancelToken& cancel) {
  return guarded(command.name, [&] {
    if (!command.in_group) require_one_process(command.name);
    CommandLine line(command, std::move(words), cancel);
    const int code = command.run(line);
    flush_stdout();
    return code;
  });
}

// `nolabel help scan` is `nolabel scan --help`.
int main(std::vector<std::string> words) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit of `ulimit -f` is then a write error
  if (words.size() > 1 && words[0] == "help") words = {words[1], "--help"};
  const std::string first = words.empty() ? "help" : words[0];
  if (const Command* command = find_command(first)) {
    const CancelToken cancel;
    cancel_on_signals(cancel, command->at_interrupt);
    return run(*command, {words.begin() + 1, words.end()}, cancel);
  }
  return guarded("", [&] {
    if (first == "--version") {
      print_output(format("nolabel {} (LibTorch {})\n", version, libtorch_version()));
    } else if (first == "help" || first == "--help" || first == "-h") {
      print_output(overview());
    } else {
      fail_unknown_command(first);
    }
    flush_stdout();
    return 0;
  });
}

}  // namespace
}  // namespace nolabel::cli

// Called by launcher/main.cc.
extern "C" int nolabel_program(int count, char** words) {
  return nolabel::cli::main({words + 1, words + count});
}
