// Runs the program itself: exit codes, messages, and the help of every command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "nolabel/base/file.h"
#include "nolabel/base/npy.h"

namespace nolabel {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int code;
  std::string out, err;
};

// Through a shell, so that `arguments` are quoted as a user would.
// `variables` are set for it: "RANK=1 WORLD_SIZE=2".
Outcome run(const std::string& arguments, const std::string& variables = "") {
  const std::string errors = ::testing::TempDir() + "program_test.err";
  const std::string command = variables + " " NOLABEL_PROGRAM " " + arguments + " 2>" + errors;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string out;
  char buffer[4096];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  const int status = ::pclose(pipe);
  return {WEXITSTATUS(status), out, read_file(errors)};
}

void expect_usage(const std::string& arguments, const std::string& message) {
  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.code, 2) << arguments;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, message + "\n");
}

// The names in the overview, in its order.
std::vector<std::string> command_names() {
  const std::string overview = run("help").out;
  std::vector<std::string> names;
  const std::regex row("\n  ([a-z]+)  ");
  for (std::sregex_iterator i(overview.begin(), overview.end(), row), end; i != end; ++i) {
    names.push_back((*i)[1]);
  }
  return names;
}

TEST(Program, VersionNamesLibTorch) {
  const Outcome outcome = run("--version");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(std::regex_match(outcome.out, std::regex("nolabel [0-9.]+ \\(LibTorch [0-9.]+\\)\n")))
      << outcome.out;
}

TEST(Program, AloneShowsTheOverview) {
  const Outcome alone = run("");
  EXPECT_EQ(alone.code, 0);
  EXPECT_THAT(alone.out, HasSubstr("Reports and tools\n"));
  EXPECT_EQ(run("help").out, alone.out);
  EXPECT_EQ(run("--help").out, alone.out);
}

TEST(Program, EveryCommandExplainsItself) {
  const auto names = command_names();
  EXPECT_GE(names.size(), 4u);
  for (const std::string& name : names) {
    const Outcome outcome = run(name + " --help");
    EXPECT_EQ(outcome.code, 0) << name;
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(outcome.out, StartsWith("nolabel " + name + ": "));
    EXPECT_THAT(outcome.out, HasSubstr("\nCommon flags\n"));
  }
  EXPECT_EQ(run("help views").out, run("views --help").out);
}

TEST(Program, EachCommandSaysWhereItKeepsImages) {
  const auto help = [](const std::string& command) {  // on one line
    return std::regex_replace(run(command + " --help").out, std::regex(R"(\s+)"), " ");
  };
  EXPECT_THAT(help("predict"), HasSubstr("empty: a temporary folder, removed at the end"));
  EXPECT_THAT(help("mine"), HasSubstr("empty: NOLABEL_CACHE, else nolabel in the user's cache "
                                      "folder, else cache in the run directory"));
}

TEST(Program, UnknownNamesSuggestTheNearest) {
  expect_usage("vievs", "nolabel: unknown command vievs. Did you mean views?");
  expect_usage("--versoin", "nolabel: unknown flag --versoin. Did you mean --version?");
  expect_usage("qqqqqq", "nolabel: unknown command qqqqqq. `nolabel help` lists the commands.");
  expect_usage("views a.jpg --recpie ours",
               "nolabel views: unknown flag --recpie. Did you mean --recipe?");
  expect_usage("views a.jpg --recipe our",
               "nolabel views: recipe must be one of standard, simclr, ours. Received \"our\". "
               "(--recipe)");
  expect_usage("settings data scna",
               "nolabel settings: STAGE must be one of data, simclr, network, moco, mine, scan, "
               "selflabel. Received scna. Did you mean scan?");
}

TEST(Program, FailuresHaveTheirExitCodes) {
  const std::string text = ::testing::TempDir() + "no_picture.jpg";
  write_file(text, "hello");
  EXPECT_EQ(run("views").code, 2);
  const auto no_picture = run("views " + text);
  EXPECT_EQ(no_picture.code, 3);
  EXPECT_THAT(no_picture.err, HasSubstr(text + ": not a picture that nolabel reads"));
  EXPECT_EQ(run("settings >/dev/full").code, 4);
}

TEST(Program, SettingsListsEveryDeclaration) {
  const Outcome outcome = run("settings simclr --json -");
  ASSERT_EQ(outcome.code, 0);
  const auto settings = nlohmann::json::parse(outcome.out)["simclr"];
  bool found = false;
  for (const auto& setting : settings) {
    if (setting["name"] != "batch_size") continue;
    found = true;
    EXPECT_EQ(setting["default"], "512");
    EXPECT_EQ(setting["range"], "1..1000000");
  }
  EXPECT_TRUE(found);
  const std::string all = run("settings").out;
  for (const char* name : {"optimizer_kwargs.lr", "num_classes", "hold_out", "mined_neighbors"}) {
    EXPECT_THAT(all, HasSubstr(name));
  }
}

TEST(Program, DoctorMeasuresThisMachine) {
  const Outcome outcome = run("doctor --json -");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out);
  EXPECT_GE(result["threads"], 1);
  EXPECT_GT(result["matmul_fp32"], 0.1);
  EXPECT_GT(result["memory_gib"], 0.1);
  EXPECT_THAT(run("doctor").out, HasSubstr("GFLOP/s"));
}

nlohmann::json doctor_on_processes(const std::string& variables) {
  const Outcome outcome = run("doctor --json -", variables);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return nlohmann::json::parse(outcome.out).at("processes");
}

TEST(Program, DoctorSaysHowProcessesWereStarted) {
  EXPECT_EQ(doctor_on_processes(""), nullptr);
  const auto problem = doctor_on_processes("RANK=x WORLD_SIZE=4").at("problem");
  EXPECT_THAT(std::string(problem), HasSubstr("RANK must be a whole number in 0..3"));
  const std::string others =
      "WORLD_SIZE=4 LOCAL_WORLD_SIZE=2 MASTER_ADDR=node0.invalid MASTER_PORT=29500 ";
  const auto first = doctor_on_processes(others + "RANK=0 LOCAL_RANK=0");
  EXPECT_EQ(first, nlohmann::json({{"starter", "torchrun"},
                                   {"rank", 0},
                                   {"size", 4},
                                   {"local_rank", 0},
                                   {"local_size", 2},
                                   {"address", "node0.invalid"},
                                   {"port", 29500}}));
  // The first process measures the machine; the others say who they are.
  EXPECT_EQ(run("doctor", others + "RANK=1 LOCAL_RANK=1").out,
            "processes         process 1 of 4 (2 on this machine), started by torchrun, meeting at "
            "node0.invalid:29500\n");
  EXPECT_EQ(run("doctor --json -", others + "RANK=1 LOCAL_RANK=1").out, "");
}

TEST(Program, ProcessesAreStartedInOneWay) {
  const Outcome outcome = run("mine --out run --processes 3",
                              "RANK=0 WORLD_SIZE=2 MASTER_ADDR=node0.invalid MASTER_PORT=29500");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("Received --processes 3, and torchrun has started 2."));
}

TEST(Program, InspectDescribesTablesAndRuns) {
  const std::string root = ::testing::TempDir() + "inspect_run/";
  std::filesystem::remove_all(root);
  EXPECT_EQ(run("inspect " + root).code, 2);
  std::filesystem::create_directories(root + "scan");
  EXPECT_EQ(run("inspect " + root + "scan").code, 2);

  Matrix<int64_t> table(2, 3);
  table.at(1, 2) = 7;
  write_npy(root + "table.npy", table);
  const auto npy = nlohmann::json::parse(run("inspect " + root + "table.npy --json -").out);
  EXPECT_EQ(npy["type"], "integers");
  EXPECT_EQ(npy["columns"], 3);
  EXPECT_EQ(npy["maximum"], 7);

  write_file(root + "scan/metrics.jsonl", "{\"epoch\":0}\n{\"epoch\":1}\n{\"ep");
  const auto found = nlohmann::json::parse(run("inspect " + root + " --json -").out);
  EXPECT_EQ(found["stages"]["scan"]["last_epoch"]["epoch"], 1);
  EXPECT_EQ(found["files"][0]["name"], "table.npy");
  write_file(root + "run.json", "{");
  EXPECT_EQ(run("inspect " + root).code, 3);
}

TEST(Program, InspectRefusesWhatIsNoWeightsFile) {
  const std::string path = ::testing::TempDir() + "model.pth.tar";
  write_file(path, "hello");
  EXPECT_EQ(run("inspect " + path).code, 3);
}

TEST(Program, ViewsWritesTheSheet) {
  const std::string picture = ::testing::TempDir() + "picture.ppm";
  const std::string sheet = ::testing::TempDir() + "sheet.png";
  write_file(picture, "P6 40 50 255\n" + std::string(40 * 50 * 3, 'x'));
  const std::string arguments =
      "views " + picture + " --recipe ours --size 32 --columns 3 --rows 2 --out ";
  const Outcome outcome = run(arguments + sheet + " --json -");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["views"], 6);
  const std::string first = read_file(sheet);
  EXPECT_THAT(first, StartsWith("\x89PNG"));
  EXPECT_EQ(run(arguments + sheet).code, 0);
  EXPECT_EQ(read_file(sheet), first);  // same seed, same views
  EXPECT_EQ(run(arguments + sheet + " --seed 1").code, 0);
  EXPECT_NE(read_file(sheet), first);
  EXPECT_EQ(run(arguments + "/nowhere/sheet.png").code, 2);
  const Outcome folder = run("views " + ::testing::TempDir() + " --out " + sheet);
  EXPECT_EQ(folder.code, 2);
  EXPECT_THAT(folder.err, HasSubstr("is a folder"));
  EXPECT_EQ(run("views /nowhere.jpg --out " + sheet).code, 2);
}

}  // namespace
}  // namespace nolabel
