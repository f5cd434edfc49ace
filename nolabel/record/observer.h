// What long work tells the outside while it runs, and how the outside stops it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "nolabel/base/cancel.h"

namespace nolabel {

enum class Severity { note, warning };

struct Progress {
  std::string stage;  // "scan"
  std::string step;   // "epoch 3 of 50"; empty when there is only one
  int64_t done = 0;   // of the stage, in `unit`
  int64_t total = 0;  // 0: unknown
  std::string unit;   // "images"
  double per_second = 0;
  double seconds_left = -1;  // -1: unknown
};

// Passed by value through every stage. Callbacks may be empty; they are called from one thread at a
// time, between steps, and must not throw.
struct Observer {
  std::function<void(Severity, const std::string&)> log;
  std::function<void(const Progress&)> progress;
  CancelToken cancel;

  void note(const std::string& text) const {
    if (log) log(Severity::note, text);
  }
  void warn(const std::string& text) const {
    if (log) log(Severity::warning, text);
  }
  // Only its cancel token: for work within work that shows progress of its own.
  Observer silent() const { return {.log = {}, .progress = {}, .cancel = cancel}; }
  // Throws Error(Fault::stopped) when the cancel token has been used. For work that has nothing to
  // save; the training loop looks at the token itself.
  void stop_if_requested() const;
};

}  // namespace nolabel
