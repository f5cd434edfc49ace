// Long work reports to an Observer while it runs, and an Observer can stop the work.
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

// Every call takes an Observer. Callbacks may be empty. Only one callback runs at a time,
// between steps. Callbacks must not throw.
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
  // An Observer with only the cancel token, for inner work whose outer work already shows progress.
  Observer silent() const { return {.log = {}, .progress = {}, .cancel = cancel}; }
  // Throws Error(Fault::stopped) when the cancel token has been used. Use this in work that has
  // nothing to save; the training loop checks the token by itself.
  void stop_if_requested() const;
};

}  // namespace nolabel
