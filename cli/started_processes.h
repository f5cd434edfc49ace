// The other processes of --processes: the same program with the same words, on this machine.
#pragma once

#include <sys/types.h>

#include <vector>

namespace nolabel::cli {

// Started at once; they end with this process, also when it is killed.
class StartedProcesses {
 public:
  // Processes 1..size-1 of `size`, which meet at `port` of this machine.
  StartedProcesses(int size, int port);
  StartedProcesses(const StartedProcesses&) = delete;
  StartedProcesses& operator=(const StartedProcesses&) = delete;
  // Throws Error(Fault::system) when one has ended: before all have met, that is too early.
  void require_all();
  // Waits for them, a few seconds at most; then they are killed.
  ~StartedProcesses();

 private:
  void end_all();

  std::vector<pid_t> children_;
};

}  // namespace nolabel::cli
