#include "nolabel/group/placement.h"

#include <charconv>
#include <cstdlib>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Below the ports that systems hand out by themselves, above the well-known ones.
constexpr int first_port = 20000, ports = 10000;
constexpr int most_processes = 1 << 16, last_port = 65535, most_restarts = 1 << 30;

// Of a list as Slurm writes it: "2(x3),1" is 2, 2, 2, 1. Beyond its end, the last one.
int tasks_of_machine(const std::string& list, int machine) {
  int tasks = 1;
  for (size_t at = 0; at < list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    int times = 1;
    std::from_chars(list.data() + at, list.data() + end, tasks);
    if (const size_t x = list.find("(x", at); x < end) {
      std::from_chars(list.data() + x + 2, list.data() + end, times);
    }
    if (machine < times) return tasks;
    machine -= times;
    at = end + 1;
  }
  return tasks;
}

class Reader {
 public:
  Reader(const Variables& variables, int64_t parent) : variables_(variables), parent_(parent) {}

  std::optional<Placement> of_torchrun() const {
    if (!variables_("RANK") || !variables_("WORLD_SIZE")) return std::nullopt;
    Placement result = ranks("torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE");
    if (result.size == 1) return result;
    result.address = required("MASTER_ADDR");
    result.port = number("MASTER_PORT", 1, last_port);
    result.starter_listens = variables_("TORCHELASTIC_USE_AGENT_STORE") == "True";
    if (variables_("TORCHELASTIC_RESTART_COUNT")) {
      result.attempt = number("TORCHELASTIC_RESTART_COUNT", 0, most_restarts);
    }
    return result;
  }

  // Only srun sets the number of tasks of a step; a batch script has the others, too.
  std::optional<Placement> of_slurm() const {
    if (!variables_("SLURM_STEP_NUM_TASKS") || !variables_("SLURM_PROCID")) return std::nullopt;
    Placement result =
        ranks("srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr);
    const std::string tasks = variables_("SLURM_STEP_TASKS_PER_NODE").value_or("1");
    const int machine = variables_("SLURM_NODEID") ? number("SLURM_NODEID", 0, most_processes) : 0;
    result.local_size = std::max(tasks_of_machine(tasks, machine), result.local_rank + 1);
    if (result.size == 1) return result;
    const std::string machines = variables_("SLURM_STEP_NODELIST").value_or("");
    const std::string job = variables_("SLURM_JOB_ID").value_or("0");
    const std::string step = variables_("SLURM_STEP_ID").value_or("0");
    meet(result, first_machine(machines), std::hash<std::string>()(job + "." + step));
    return result;
  }

  // mpirun starts its own helpers with srun where Slurm is, so these come before Slurm's.
  std::optional<Placement> of_mpi() const {
    if (variables_("OMPI_COMM_WORLD_RANK")) {
      return met_by_mpi(ranks("mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                              "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"));
    }
    if (variables_("PMI_RANK") && variables_("MPI_LOCALRANKID")) {
      return met_by_mpi(
          ranks("mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"));
    }
    return std::nullopt;
  }

 private:
  Placement ranks(const char* starter, const char* rank, const char* size, const char* local_rank,
                  const char* local_size) const {
    Placement result{.starter = starter, .address = {}};
    result.size = number(size, 1, most_processes);
    result.rank = number(rank, 0, result.size - 1);
    if (local_size && variables_(local_size)) {
      result.local_size = number(local_size, 1, result.size);
      result.local_rank = number(local_rank, 0, result.local_size - 1);
    } else if (variables_(local_rank)) {
      result.local_rank = number(local_rank, 0, result.size - 1);
    }
    return result;
  }

  Placement met_by_mpi(Placement result) const {
    if (result.size == 1) return result;
    const bool together = result.local_size == result.size;
    meet(result, together ? "127.0.0.1" : "", static_cast<uint64_t>(parent_));
    return result;
  }

  // The same place for all processes, and another for another group.
  void meet(Placement& result, const std::string& otherwise, uint64_t key) const {
    result.address = variables_("MASTER_ADDR").value_or(otherwise);
    if (result.address.empty()) {
      fail_usage(
          "MASTER_ADDR must name the machine of rank 0, and MASTER_PORT a free port there, where "
          "{} starts processes on several machines.",
          result.starter);
    }
    result.port = variables_("MASTER_PORT") ? number("MASTER_PORT", 1, last_port)
                                            : first_port + static_cast<int>(key % ports);
  }

  std::string required(const char* name) const {
    const std::optional<std::string> value = variables_(name);
    if (!value) fail_usage("{} must be set where RANK and WORLD_SIZE are. It is not.", name);
    return *value;
  }

  int number(const char* name, int least, int most) const {
    const std::string text = required(name);
    int value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!is_number || value < least || value > most) {
      fail_usage("{} must be a whole number in {}..{}. Received '{}'.", name, least, most, text);
    }
    return value;
  }

  const Variables& variables_;
  const int64_t parent_;
};

}  // namespace

Variables environment_variables() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::optional<Placement> placement(const Variables& variables, int64_t parent) {
  const Reader reader(variables, parent);
  if (const auto found = reader.of_torchrun()) return found;
  if (const auto found = reader.of_mpi()) return found;
  return reader.of_slurm();
}

std::string first_machine(const std::string& list) {
  const size_t bracket = list.find_first_of("[,");
  if (bracket == std::string::npos || list[bracket] == ',') return list.substr(0, bracket);
  const size_t end = list.find_first_of("-,]", bracket);
  const size_t close = list.find(']', bracket);
  if (end == std::string::npos || close == std::string::npos) return "";
  const size_t next = list.find(',', close);
  return list.substr(0, bracket) + list.substr(bracket + 1, end - bracket - 1) +
         list.substr(close + 1, next == std::string::npos ? next : next - close - 1);
}

}  // namespace nolabel
