// metrics.jsonl: one JSON object per epoch and line, in the file as soon as the epoch has ended.
//
// A run that was stopped, or killed, goes on in the same file: no epoch appears twice and no line
// is torn. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace nolabel {

class MetricsLog {
 public:
  // For a run that starts or resumes with the epoch numbered `first_epoch`: lines of that epoch and
  // later ones are dropped from an existing file, and so is what is no whole line.
  MetricsLog(std::filesystem::path path, int64_t first_epoch);

  // `values` has an "epoch". A number that is not finite is written as null.
  void append(const nlohmann::json& values);
  // Returns when what was appended is on the disk.
  void flush();

 private:
  std::filesystem::path path_;
  bool appended_ = false;  // since the last flush()
};

}  // namespace nolabel
