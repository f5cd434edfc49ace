#include "nolabel/group/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using Names = std::map<std::string, std::string>;

std::optional<Placement> placed(const Names& names, int64_t parent = 7) {
  return placement(
      [&names](const std::string& name) -> std::optional<std::string> {
        const auto found = names.find(name);
        return found == names.end() ? std::nullopt : std::optional(found->second);
      },
      parent);
}

std::string refusal(const Names& names) {
  try {
    placed(names);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

TEST(Placement, OfAProcessAloneIsNothing) {
  EXPECT_EQ(placed({}), std::nullopt);
  EXPECT_EQ(placed({{"RANK", "0"}}), std::nullopt);
  // A batch script of Slurm, whose commands srun has not started.
  EXPECT_EQ(placed({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "9"}}),
            std::nullopt);
}

TEST(Placement, OfTorchrun) {
  Names names = {{"RANK", "5"},
                 {"WORLD_SIZE", "8"},
                 {"LOCAL_RANK", "1"},
                 {"LOCAL_WORLD_SIZE", "4"},
                 {"MASTER_ADDR", "node0"},
                 {"MASTER_PORT", "29500"},
                 {"TORCHELASTIC_USE_AGENT_STORE", "True"}};
  EXPECT_EQ(placed(names), (Placement{"torchrun", 5, 8, 1, 4, "node0", 29500, true}));
  names["OMPI_COMM_WORLD_RANK"] = "0";  // torchrun itself may run under mpirun
  EXPECT_EQ(placed(names)->rank, 5);
  names["MASTER_PORT"] = "http";
  EXPECT_THAT(refusal(names), testing::HasSubstr("MASTER_PORT must be a whole number in 1..65535"));
  names.erase("MASTER_PORT");
  EXPECT_THAT(refusal(names), testing::HasSubstr("MASTER_PORT must be set"));
  names["RANK"] = "8";
  EXPECT_THAT(refusal(names), testing::HasSubstr("RANK must be a whole number in 0..7"));
  EXPECT_EQ(placed({{"RANK", "0"}, {"WORLD_SIZE", "1"}})->size, 1);  // no meeting place is needed
}

TEST(Placement, OfSrun) {
  Names names = {{"SLURM_PROCID", "3"},
                 {"SLURM_STEP_NUM_TASKS", "4"},
                 {"SLURM_LOCALID", "1"},
                 {"SLURM_STEP_TASKS_PER_NODE", "2(x2)"},
                 {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                 {"SLURM_JOB_ID", "1234"},
                 {"SLURM_STEP_ID", "0"}};
  const Placement found = placed(names).value();
  EXPECT_EQ(found.starter, "srun");
  EXPECT_EQ(found.rank, 3);
  EXPECT_EQ(found.local_rank, 1);
  EXPECT_EQ(found.local_size, 2);
  EXPECT_EQ(found.address, "gpu07");
  names["SLURM_PROCID"] = "0";
  EXPECT_EQ(placed(names)->port, found.port);  // the same for all
  names["SLURM_STEP_ID"] = "1";
  EXPECT_NE(placed(names)->port, found.port);
  names["SLURM_STEP_TASKS_PER_NODE"] = "1,3(x2),2";
  names["SLURM_LOCALID"] = "0";
  for (const auto& [machine, tasks] : {std::pair{"0", 1}, {"2", 3}, {"3", 2}}) {
    names["SLURM_NODEID"] = machine;
    EXPECT_EQ(placed(names)->local_size, tasks);
  }
  names["MASTER_ADDR"] = "10.0.0.1";
  names["MASTER_PORT"] = "4000";
  EXPECT_EQ(placed(names)->address, "10.0.0.1");
  EXPECT_EQ(placed(names)->port, 4000);
}

TEST(Placement, OfMpirun) {
  Names open = {{"OMPI_COMM_WORLD_RANK", "1"},
                {"OMPI_COMM_WORLD_SIZE", "2"},
                {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};
  EXPECT_EQ(placed(open, 41), (Placement{"mpirun", 1, 2, 1, 2, "127.0.0.1", 20041, false}));
  open["SLURM_PROCID"] = "0";  // of the helper that mpirun starts on each machine
  open["SLURM_STEP_NUM_TASKS"] = "1";
  EXPECT_EQ(placed(open, 41)->rank, 1);
  open["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  open["OMPI_COMM_WORLD_LOCAL_RANK"] = "0";
  EXPECT_THAT(refusal(open), testing::HasSubstr("MASTER_ADDR must name the machine of rank 0"));
  const Names hydra = {
      {"PMI_RANK", "1"}, {"PMI_SIZE", "2"}, {"MPI_LOCALRANKID", "1"}, {"MPI_LOCALNRANKS", "2"}};
  EXPECT_EQ(placed(hydra, 41), (Placement{"mpirun", 1, 2, 1, 2, "127.0.0.1", 20041, false}));
}

TEST(Placement, FirstMachineOfSlurmsLists) {
  EXPECT_EQ(first_machine("node1"), "node1");
  EXPECT_EQ(first_machine("a,b"), "a");
  EXPECT_EQ(first_machine("gpu[07-09,12],login"), "gpu07");
  EXPECT_EQ(first_machine("n[3]-x.org"), "n3-x.org");
  EXPECT_EQ(first_machine("rack[1,4-5]"), "rack1");
  EXPECT_EQ(first_machine("broken["), "");
  EXPECT_EQ(first_machine(""), "");
}

}  // namespace
}  // namespace nolabel
