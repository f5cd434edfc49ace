#include "cli/frame/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel::cli {

// The table that the frame looks commands up in; the program's own is not part of the frame.
std::span<const Command> commands() {
  return {};
}

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Command command{"scan", CommandGroup::stages, "groups images",
                          "nolabel scan photos --epochs 3", nullptr};

// A command with arguments, an option, and settings.
struct Scan {
  std::string folder;
  std::vector<std::string> more;
  bool force = false;
  int epochs = 50, batch_size = 128;
  double lr = 0.1;
  CommandLine line;

  explicit Scan(std::vector<std::string> words) : line(command, std::move(words), {}) {
    line.argument("FOLDER", &folder, "your photos");
    line.arguments("MORE", &more, 0, 2, "further folders");
    line.options().add("force", &force, "do it again");
    line.settings().add("epochs", &epochs, {.low = 1}, "passes over the data");
    line.settings().add("batch_size", &batch_size, {.low = 1}, "images per step");
    const auto group = line.settings().group("optimizer_kwargs");
    line.settings().add("lr", &lr, "learning rate");
  }
};

std::string mistake(std::vector<std::string> words) {
  try {
    (void)Scan(std::move(words)).line.parse();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "no error";
}

std::string config(const std::string& name, const std::string& yaml) {
  const std::string path = ::testing::TempDir() + name;
  write_file(path, yaml);
  return path;
}

TEST(CommandLine, FlagsComeFromTheSchemas) {
  Scan scan(
      {"--epochs", "3", "photos", "--batch-size=7", "--optimizer-kwargs.lr", "-1", "--force"});
  ASSERT_TRUE(scan.line.parse());
  EXPECT_EQ(scan.folder, "photos");
  EXPECT_THAT(scan.more, IsEmpty());
  EXPECT_EQ(scan.epochs, 3);
  EXPECT_EQ(scan.batch_size, 7);
  EXPECT_EQ(scan.lr, -1);
  EXPECT_TRUE(scan.force);
}

// As people write it who have `force: true` in mind.
TEST(CommandLine, ASwitchTakesAWordAsItsValue) {
  Scan off({"photos", "--force", "false"});
  EXPECT_TRUE(off.line.parse());
  EXPECT_FALSE(off.force);
  Scan on({"--force", "true", "photos"});
  EXPECT_TRUE(on.line.parse());
  EXPECT_TRUE(on.force);
}

TEST(CommandLine, UnderscoresAreAcceptedAndSwitchesCanBeTurnedOff) {
  Scan scan({"a", "--batch_size", "9", "--force=false", "--", "--b", "c"});
  ASSERT_TRUE(scan.line.parse());
  EXPECT_EQ(scan.batch_size, 9);
  EXPECT_FALSE(scan.force);
  EXPECT_THAT(scan.more, ElementsAre("--b", "c"));
}

TEST(CommandLine, FilesAreReadFirstThenSetThenFlags) {
  const std::string exp = config("exp.yml", "epochs: 1\nbatch_size: 1\noptimizer_kwargs: {lr: 1}");
  const std::string ours = config("my.yml", "batch_size: 2\noptimizer_kwargs: {lr: 2}\n");
  Scan scan({"--epochs", "4", "--set", "optimizer_kwargs.lr=3", "--config", ours, "--config_exp",
             exp, "photos", "--set", "epochs=3"});
  ASSERT_TRUE(scan.line.parse());
  EXPECT_TRUE(scan.line.tables().published);
  EXPECT_EQ(scan.epochs, 4);
  EXPECT_EQ(scan.batch_size, 2);
  EXPECT_EQ(scan.lr, 3);
  EXPECT_EQ(scan.folder, "photos");
}

TEST(CommandLine, AnEnvironmentFileSaysWhereThingsAre) {
  const std::string env = config("env.yml", "root_dir: results\n");
  Scan scan({"photos", "--config-env", env});
  std::string root;
  scan.line.tables().places.add("root_dir", &root, "results");
  ASSERT_TRUE(scan.line.parse());
  EXPECT_EQ(root, "results");
  EXPECT_FALSE(scan.line.tables().published);
  Scan bad({"photos", "--config_env", config("bad.yml", "epochs: 1\n")});
  bad.line.tables().places.add("root_dir", &root, "results");
  try {
    (void)bad.line.parse();
    FAIL() << "an unknown key was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("bad.yml:1"));
  }
}

TEST(CommandLine, AnEnvironmentFileIsRefusedWhereNothingAsksForPlaces) {
  EXPECT_EQ(mistake({"photos", "--config_env", config("env.yml", "root_dir: results\n")}),
            "scan does not take --config_env. Name the run directory with --out.");
}

TEST(CommandLine, AConfigKeyThatIsAnotherFlagHereIsReachedBySet) {
  Scan scan({"photos", "--force", "--set", "force=7"});
  int key = 0;
  scan.line.settings().add("force", &key, "as a key of the config");
  ASSERT_TRUE(scan.line.parse());
  EXPECT_TRUE(scan.force);
  EXPECT_EQ(key, 7);
}

TEST(CommandLine, MistakesAreOneLineEach) {
  EXPECT_EQ(mistake({}), "FOLDER is required (your photos).");
  EXPECT_EQ(mistake({"a", "b", "c", "d"}), "unexpected argument d.");
  EXPECT_EQ(mistake({"a", "--epocsh", "3"}), "unknown flag --epocsh. Did you mean --epochs?");
  EXPECT_EQ(mistake({"a", "--lr=3"}), "unknown flag --lr. Did you mean --optimizer-kwargs.lr?");
  EXPECT_EQ(mistake({"a", "-x"}), "unknown flag -x.");
  EXPECT_EQ(mistake({"a", "---"}), "unknown flag ---.");
  EXPECT_EQ(mistake({"a", "--epochs", "0"}), "epochs must be at least 1. Received 0. (--epochs)");
  EXPECT_EQ(mistake({"a", "--set", "epoch=3"}),
            "unknown setting \"epoch\". Did you mean epochs? (--set)");
  EXPECT_EQ(mistake({"a", "--time-limit", "soon"}),
            "a time limit must be a time like 90m, 2h, 1h30m or 3600 (seconds). Received soon.");
  EXPECT_THAT(mistake({"a", "--epochs"}), HasSubstr("--epochs"));
  EXPECT_THAT(mistake({"a", "--epochs", "1", "--epochs", "2"}), HasSubstr("--epochs"));
}

TEST(CommandLine, TheArgumentThatIsLackingIsNamed) {
  std::string run;
  std::vector<std::string> images;
  CommandLine line(command, {"run"}, {});
  line.argument("RUN", &run, "a run directory");
  line.arguments("IMAGES", &images, 1, 9, "pictures");
  try {
    (void)line.parse();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "IMAGES is required (pictures).");
  }
}

TEST(CommandLine, HelpIsMadeFromTheDeclarations) {
  ::testing::internal::CaptureStdout();
  EXPECT_FALSE(Scan({"--help"}).line.parse());
  const std::string help = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(help, HasSubstr("nolabel scan: groups images\n"));
  EXPECT_THAT(help, HasSubstr("nolabel scan FOLDER [MORE…] [flags]\n"));
  EXPECT_THAT(help, HasSubstr("nolabel scan photos --epochs 3\n"));
  EXPECT_THAT(help, HasSubstr("  FOLDER  your photos\n"));
  EXPECT_THAT(help, HasSubstr("--force  false  do it again\n"));
  EXPECT_THAT(help, HasSubstr("optimizer_kwargs.lr  0.1  "));
  EXPECT_THAT(help, HasSubstr("--time-limit"));
}

TEST(CommandLine, TheResultGoesWhereJsonSays) {
  const std::string path = ::testing::TempDir() + "result.json";
  Scan scan({"a", "--json", path, "--quiet"});
  ASSERT_TRUE(scan.line.parse());
  scan.line.result({{"ACC", 0.5}});
  EXPECT_EQ(nlohmann::json::parse(read_file(path)), nlohmann::json({{"ACC", 0.5}}));

  Scan standard_output({"a", "--json", "-"});
  ASSERT_TRUE(standard_output.line.parse());
  ::testing::internal::CaptureStdout();
  standard_output.line.print("for people\n");
  standard_output.line.result({{"ACC", 0.5}});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "{\n  \"ACC\": 0.5\n}\n");
}

TEST(CommandLine, QuietLeavesOnlyWarnings) {
  Scan scan({"a", "--quiet"});
  ASSERT_TRUE(scan.line.parse());
  ::testing::internal::CaptureStderr();
  const Observer observer = scan.line.observer();
  observer.note("hello");
  observer.progress({"scan", "", 1, 2, "images"});
  observer.warn("few images");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "nolabel scan: warning: few images\n");
}

TEST(CommandLine, WithoutATerminalProgressIsAPlainLineNowAndThen) {
  Scan scan({"a"});
  ASSERT_TRUE(scan.line.parse());
  ::testing::internal::CaptureStderr();
  const Observer observer = scan.line.observer();
  for (int i = 1; i <= 1000; ++i) observer.progress({"scan", "", i, 1000, "images"});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "scan  1 of 1,000 images\n");
}

}  // namespace
}  // namespace nolabel::cli
