#include "cli/frame/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/frame/printable.h"
#include "nolabel/base/duration.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

constexpr std::chrono::milliseconds live_interval{100};
constexpr std::chrono::seconds plain_interval{10};

size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

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

std::string progress_line(const Progress& progress) {
  std::string line = progress.stage;
  if (!progress.step.empty()) line += "  " + progress.step;
  line += "  " + grouped(progress.done);
  if (progress.total > 0) line += " of " + grouped(progress.total);
  line += " " + progress.unit;
  if (progress.per_second >= 10) {
    const auto rate = static_cast<int64_t>(std::llround(progress.per_second));
    line += format("  {} {}/s", grouped(rate), progress.unit);
  } else if (progress.per_second > 0) {
    line += format("  {:.2g} {}/s", progress.per_second, progress.unit);
  }
  if (progress.seconds_left >= 0) line += "  " + duration_text(progress.seconds_left) + " left";
  return line;
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
    show_live(progress_line(progress));
  } else {
    next_ = now + plain_interval;
    write_stderr(progress_line(progress) + "\n");
  }
}

void Terminal::show_live(const std::string& line) {
  // Names of stages and units are ASCII: bytes are columns. The last column would wrap.
  write_stderr(format("\r\x1b[K{}", line.substr(0, terminal_columns() - 1)));
  line_open_ = true;
}

void Terminal::end_line() {
  const std::lock_guard lock(mutex_);
  if (line_open_) write_stderr("\n");
  line_open_ = false;
}

}  // namespace nolabel::cli
