// Which of several processes this one is, as the program says that started them: torchrun, Slurm's
// srun, MPI's mpirun. They form a group (group.h).
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace nolabel {

struct Placement {
  std::string starter;  // "torchrun", "srun", "mpirun"; for people
  int rank = 0, size = 1;
  int local_rank = 0, local_size = 1;  // among the processes on this machine
  // Where the processes meet: a TCP port on the machine of rank 0.
  std::string address;
  int port = 0;
  bool starter_listens = false;  // the starter, and not rank 0, listens there
  int attempt = 0;               // how often the starter has started the processes again

  bool operator==(const Placement&) const = default;
};

// An environment variable; nothing where it is not set or empty.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;
Variables environment_variables();

// Nothing: this process was started alone. Variables, in this order of precedence:
//   RANK WORLD_SIZE MASTER_ADDR MASTER_PORT, LOCAL_RANK LOCAL_WORLD_SIZE    torchrun
//   OMPI_COMM_WORLD_RANK …; PMI_RANK PMI_SIZE, MPI_LOCALRANKID …             mpirun
//   SLURM_PROCID SLURM_STEP_NUM_TASKS, SLURM_LOCALID SLURM_STEP_NODELIST …   srun
// Where the starter names no meeting place, MASTER_ADDR and MASTER_PORT may; else srun's is the
// first machine of the step, and mpirun's this machine, if all processes are on it.
// `parent`: the process that started this one; it tells apart what runs on one machine.
// Throws Error(Fault::usage), naming the variable, when one is no number in its range, and when
// processes on several machines have no meeting place.
std::optional<Placement> placement(const Variables& variables, int64_t parent);

// The first name of a list as Slurm writes it: "gpu[07-09,12],login" is "gpu07".
std::string first_machine(const std::string& list);

}  // namespace nolabel
