// How every benchmark of nolabel here measures and reports; peers/measure.py does the same for the
// peers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace nolabel::bench {

// The median time of one call, in seconds: after one call that warms up, calls are timed until
// there are at least `least_calls` and a second has passed.
template <class Work>
double seconds_per_call(const Work& work, int least_calls = 3) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  work();
  std::vector<double> seconds;
  const auto started = Clock::now();
  while (static_cast<int>(seconds.size()) < least_calls || since(started) < 1) {
    const auto start = Clock::now();
    work();
    seconds.push_back(since(start));
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return seconds[seconds.size() / 2];
}

// The most memory this process ever had, in MB. Not getrusage(), which starts from what the process
// that started this one had.
inline double peak_mb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kilobytes = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kilobytes;
  }
  return kilobytes / 1024;
}

// One line of JSON, which run.py reads.
inline void report(const std::string& name, double value, const std::string& unit) {
  std::printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"peak_mb\": %.1f}\n",
              name.c_str(), value, unit.c_str(), peak_mb());
}

// The same of something that waited for a share of the time.
inline void report_waiting(const std::string& name, double value, const std::string& unit,
                           double waiting) {
  std::printf(
      "{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"peak_mb\": %.1f, "
      "\"waiting\": %.4f}\n",
      name.c_str(), value, unit.c_str(), peak_mb(), waiting);
}

}  // namespace nolabel::bench
