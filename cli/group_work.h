// Commands whose work several processes divide: nolabel starts them (--processes), or torchrun,
// srun or mpirun does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/frame/command_line.h"
#include "nolabel/run/environment.h"

namespace nolabel::cli {

//   GroupWork group(line);
//   if (!line.parse()) return 0;
//   return group.run(request.run.compute, [&] { … return 0; });
class GroupWork {
 public:
  // Declares --processes, --process-timeout and --process-logs.
  explicit GroupWork(CommandLine& line);

  // The leader, or a process alone: runs `lead` with the group in `compute`, and returns its code.
  // A worker: works for the leader, and returns 0 or throws when it has ended. Throws
  // Error(Fault::usage) when processes are started both ways or differently, Error(Fault::system)
  // when they do not meet, and the error of whichever process fails first.
  int run(ComputeSettings& compute, const std::function<int()>& lead);

 private:
  struct Settings {
    int processes = 1;
    int timeout = 60;
    std::string logs;
  };

  std::shared_ptr<Group> meet(int rank, int size, const std::string& where,
                              const std::function<std::shared_ptr<Group>()>& connect) const;
  int work(const std::shared_ptr<Group>& group, const ComputeSettings& compute);

  CommandLine& line_;
  Settings settings_;
};

// For commands of one process: Error(Fault::usage) where a starter has started several.
void require_one_process(std::string_view command);

}  // namespace nolabel::cli
