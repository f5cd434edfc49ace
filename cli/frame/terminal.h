// Progress, notes and warnings on stderr: one live line on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel::cli {

// Thread-safe. With `quiet`, only warnings are written.
class Terminal {
 public:
  Terminal(std::string command, bool quiet);
  ~Terminal();  // leaves the cursor on a line of its own

  void log(Severity severity, const std::string& text);
  // Shown at most ten times a second on a terminal; elsewhere one line every ten seconds.
  void progress(const Progress& progress);
  // Ends the live line, so that something else can be printed.
  void end_line();

 private:
  using Clock = std::chrono::steady_clock;
  void show_live(const std::string& line);

  const std::string command_;
  const bool quiet_, live_;
  std::mutex mutex_;
  bool line_open_ = false;
  Clock::time_point next_{};
};

// "50,000"
std::string grouped(int64_t number);

}  // namespace nolabel::cli
