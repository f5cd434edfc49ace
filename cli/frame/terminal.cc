#include "cli/frame/terminal.h"

#include <unistd.h>

#include <cstdio>

#include "cli/frame/columns.h"
#include "cli/frame/printable.h"
#include "cli/frame/progress_line.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

constexpr std::chrono::milliseconds live_interval{100};
constexpr std::chrono::seconds plain_interval{10};

void write_stderr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const int sign = number < 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > sign; i -= 3) {
    digits.insert(static_cast<size_t>(i), 1, ',');
  }
  return digits;
}

Terminal::Terminal(std::string command, bool quiet)
    : command_(std::move(command)), quiet_(quiet), live_(::isatty(STDERR_FILENO) != 0) {}

Terminal::~Terminal() {
  end_line();
}

void Terminal::log(Severity severity, const std::string& text) {
  if (quiet_ && severity == Severity::note) return;
  end_line();
  const bool warning = severity == Severity::warning;
  const std::string shown = printable(text, "\n");
  write_stderr(warning ? format("nolabel {}: warning: {}\n", command_, shown) : shown + "\n");
}

void Terminal::progress(const Progress& progress) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (now < next_) return;
  if (live_) {
    next_ = now + live_interval;
    // The last column would wrap.
    show_live(progress_line(progress, terminal_columns(STDERR_FILENO) - 1));
  } else {
    next_ = now + plain_interval;
    write_stderr(progress_line(progress, terminal_columns(STDERR_FILENO)) + "\n");
  }
}

void Terminal::show_live(const std::string& line) {
  write_stderr(format("\r\x1b[K{}", line));
  line_open_ = true;
}

void Terminal::end_line() {
  const std::lock_guard lock(mutex_);
  if (line_open_) write_stderr("\n");
  line_open_ = false;
}

}  // namespace nolabel::cli
