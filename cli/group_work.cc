#include "cli/group_work.h"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cli/frame/exit.h"
#include "cli/frame/signals.h"
#include "cli/libtorch_version.h"
#include "cli/started_processes.h"
#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/base/version.h"
#include "nolabel/group/group_log.h"
#include "nolabel/group/meeting.h"
#include "nolabel/pipeline/group_worker.h"

namespace nolabel::cli {

GroupWork::GroupWork(CommandLine& line) : line_(line) {
  line.options().add("processes", &settings_.processes, {.low = 1, .high = 1024},
                     "processes on this machine that divide the work: one for each GPU, or sharing "
                     "the processors; more machines are started with torchrun, srun or mpirun "
                     "(docs/cluster.md)",
                     Effect::none);
  line.options().add("process_timeout", &settings_.timeout, {.low = 1, .high = 86'400},
                     "seconds after which a process that shows no life is given up, and the others "
                     "stop",
                     Effect::none);
  line.options().add("process_logs", &settings_.logs,
                     "folder where each of several processes writes what it does and where it "
                     "waits for the others, to find out why they hang",
                     Effect::none);
  line.options().path("process_logs");
}

int GroupWork::run(ComputeSettings& compute, const std::function<int()>& lead) {
  const std::optional<Placement> place = placement(environment_variables(), ::getppid());
  GroupTimes times{.meeting = std::chrono::minutes(10),
                   .silence = std::chrono::seconds(settings_.timeout)};
  std::optional<StartedProcesses> started;
  std::shared_ptr<Group> group = single_process();
  if (place && place->size > 1) {
    // The processes that nolabel has started have the same words as the one that started them.
    if (settings_.processes > 1 && settings_.processes != place->size) {
      fail_usage(
          "either nolabel or {} must start the processes. Received --processes {}, and {} "
          "has started {}.",
          place->starter, settings_.processes, place->starter, place->size);
    }
    group = meet(place->rank, place->size,
                 format("at {}:{}, started by {}", place->address, place->port, place->starter),
                 [&] { return connect(*place, times, line_.cancel()); });
  } else if (settings_.processes > 1) {
    times.meeting = std::chrono::minutes(1);  // of one machine, they begin at the same time
    group = meet(0, settings_.processes, "on this machine, and starts them", [&] {
      return start_group(
          settings_.processes, times, line_.cancel(),
          [&](int port) { started.emplace(settings_.processes, port); },
          [&] { started->require_all(); });
    });
  }
  if (group->size() == 1) {
    if (!settings_.logs.empty()) {
      fail_usage("--process-logs must be given to several processes. Received one.");
    }
    return lead();
  }
  try {
    require_agreement(
        *group,
        {{"nolabel", version}, {"LibTorch", libtorch_version()}, {"command", line_.text()}});
    if (!group->leads()) return work(group, compute);
    compute.group = group;
    const int code = lead();
    end_work_of_group(*group);
    group->leave();
    return code;
  } catch (const std::exception& exception) {
    const Error own = as_error(exception), first = group->fail(own);
    group->leave();
    if (!group->leads() && !group->leader_is_missing()) throw SaidByAnother(first);
    // What the command has added to it, such as where the last checkpoint is, helps.
    const bool adds = std::string_view(own.what()).find(first.what()) != std::string_view::npos;
    throw group->leads() && adds ? own : first;
  }
}

std::shared_ptr<Group> GroupWork::meet(
    int rank, int size, const std::string& where,
    const std::function<std::shared_ptr<Group>()>& connect) const {
  if (settings_.logs.empty()) return connect();
  const auto log = std::make_shared<GroupLog>(std::filesystem::path(settings_.logs) /
                                              format("process-{}.log", rank));
  log->write(format("process {} of {}, process id {}: nolabel {} {}", rank, size, ::getpid(),
                    version, line_.text()));
  log->write(format("meets the others {}", where));
  try {
    const std::shared_ptr<Group> group = connect();
    log->write("has met the others");
    group->write_to(log);
    return group;
  } catch (const std::exception& exception) {
    log->write(format("has not met the others: {}", as_error(exception).what()));
    throw;
  }
}

int GroupWork::work(const std::shared_ptr<Group>& group, const ComputeSettings& compute) {
  say_nothing_at_interrupt();
  work_for_group(group, compute.threads > 0 ? compute.threads : available_threads());
  group->leave();
  return 0;
}

void require_one_process(std::string_view command) {
  const std::optional<Placement> place = placement(environment_variables(), ::getppid());
  if (!place || place->size == 1) return;
  fail_usage("{} works in one process. {} has started {}.", command, place->starter, place->size);
}

}  // namespace nolabel::cli
