// A backbone that is a program: refused, run, remembered, and never run without being asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* consent = " --run-program";
constexpr const char* no_consent =
    "is a program (TorchScript), and nolabel runs no code from files unless you ask for it. Add "
    "--run-program if you trust where the file comes from.";

// Where write_programs puts them; a copy, as tests replace them.
fs::path written_programs(const std::string& name) {
  static const fs::path original = [] {
    const fs::path folder = new_folder("programs");
    EXPECT_EQ(std::system((NOLABEL_WRITE_PROGRAMS " " + folder.string()).c_str()), 0);
    return folder;
  }();
  return copy_of(original, name);
}

// A place for features that no other test has filled.
class ProgramBackbone : public testing::Test {
 protected:
  void SetUp() override { ::setenv("NOLABEL_CACHE", new_folder("program_cache").c_str(), 1); }
  void TearDown() override { ::unsetenv("NOLABEL_CACHE"); }

  std::string clustering(const std::string& file = "net.pt") const {
    return format("cluster {} --clusters 3 --image-size 16 --out {} --backbone {}",
                  images().string(), run_folder.string(), (folder / file).string());
  }

  const fs::path folder = written_programs("program_files");
  const fs::path run_folder = new_folder("program_run");
  const std::string of_run = " --out " + run_folder.string();
};

TEST_F(ProgramBackbone, IsRefusedUntilItIsAskedFor) {
  expect_failure(clustering(), 2, (folder / "net.pt").string() + " " + no_consent);
  expect_failure(format("mine {} --image-size 16 --out {} --backbone {}", images().string(),
                        run_folder.string(), (folder / "net.pt").string()),
                 2, no_consent);
  // A config file, which may be somebody else's, cannot give the consent.
  write_file(folder / "config.yml", "run_program: true\n");
  expect_failure(clustering() + " --config " + (folder / "config.yml").string(), 2, "run_program");
}

TEST_F(ProgramBackbone, ClustersAndIsRunAgainOnlyWhereImagesAreNew) {
  const nlohmann::json clustered = result_of(clustering() + consent);
  EXPECT_EQ(clustered.at("images"), 24);
  EXPECT_LT(fs::file_size(run_folder / "consensus/model.pth.tar"), 20'000u);  // heads alone
  const nlohmann::json stated =
      nlohmann::json::parse(read_file(run_folder / "consensus/model.pth.tar.backbone.json"));
  EXPECT_EQ(stated.at("program"), (folder / "net.pt").string());
  EXPECT_EQ(stated.at("sha256"), file_hash(folder / "net.pt"));
  // Features are there, so nothing has to run.
  EXPECT_EQ(result_of("report" + of_run).at("train"), clustered.at("train"));
  EXPECT_EQ(result_of("eval" + of_run).at("clusters"), 3);
  EXPECT_EQ(result_of(format("cluster {} --clusters 4", run_folder.string())).at("clusters"), 4);
  EXPECT_EQ(result_of(format("cluster {} --clusters 3", run_folder.string())).at("clusters"), 3);
  result_of(clustering() + consent);  // the same command again
  // New images do: the run's consent was that of the person who made it.
  const std::string prediction = format("predict {} {} --out {}", run_folder.string(),
                                        images().string(), (folder / "p.csv").string());
  expect_failure(prediction, 2, no_consent);
  result_of(prediction + consent);
  const auto assigned = read_csv(run_folder / "assignments.csv");
  const auto predicted = read_csv(folder / "p.csv");
  ASSERT_EQ(predicted.size(), assigned.size());
  for (size_t i = 1; i < assigned.size(); ++i) {
    EXPECT_EQ(predicted[i].fields[1], assigned[i].fields[1]) << i;
  }
}

TEST_F(ProgramBackbone, ThatHasChangedOrIsGoneIsRefused) {
  result_of(clustering() + consent);
  const std::string before = file_hash(folder / "net.pt");
  fs::rename(folder / "net.pt", folder / "moved.pt");
  const std::string gone = (folder / "net.pt").string() +
                           " must be the program that the backbone is (SHA-256 " + before +
                           "). It does not exist.";
  expect_failure("report" + of_run, 2, gone);
  const std::string prediction = format("predict {} {} --out {}", run_folder.string(),
                                        images().string(), (folder / "p.csv").string());
  expect_failure(prediction + consent, 2, gone);
  // The run is told the new place, and knows the size of the views.
  result_of(format("cluster {} --backbone {}{}", run_folder.string(),
                   (folder / "moved.pt").string(), consent));
  result_of(prediction + consent);
  fs::copy_file(folder / "other.pt", folder / "moved.pt", fs::copy_options::overwrite_existing);
  const std::string after = file_hash(folder / "moved.pt");
  for (const std::string& command :
       {"report" + of_run, format("cluster {} --clusters 4", run_folder.string()),
        prediction + consent}) {
    expect_failure(
        command, 2,
        format("with the SHA-256 {}. It has changed: its SHA-256 is {}.", before, after));
  }
}

TEST_F(ProgramBackbone, IsNeverTrained) {
  const std::string never =
      "is a TorchScript program, which is never trained: use `nolabel cluster`";
  const std::string net = (folder / "net.pt").string();
  expect_failure(clustering() + " --effort full" + consent, 2, never);
  expect_failure(clustering() + " --effort full", 2, never);
  expect_failure(
      format("simclr {} --out {} --start {}", images().string(), run_folder.string(), net), 2,
      never);
  expect_failure(format("moco {} {} --out {}", net, images().string(), run_folder.string()), 2,
                 never);
  result_of(format("mine {} --image-size 16 --out {} --mined-neighbors 5 --backbone {}{}",
                   images().string(), run_folder.string(), net, consent));
  const std::string scan = "scan --num-classes 3 --epochs 1 --num-neighbors 5" + of_run;
  expect_failure(scan, 2, "Add --update-cluster-head-only.");
  expect_failure(scan + " --update-cluster-head-only", 2, no_consent);
  result_of(scan + " --update-cluster-head-only" + consent);
  result_of("selflabel --epochs 1 --update-cluster-head-only" + of_run + consent);
  expect_failure("cluster " + images().string() + " --clusters 3 --out " +
                     new_folder("program_weights").string() + " --backbone " + backbone().string() +
                     consent,
                 2, "--run-program must come with a TorchScript program.");
}

TEST_F(ProgramBackbone, TakesItsViewsFromTheStatementsBeside) {
  write_file(folder / "odd.pt.backbone.json",
             R"({"image_size": "64", "mean": "0.5 0.5 0.5", "std": "0.5 0.5 0.5",
                 "interpolation": "bicubic", "short_side": "64", "squash": "yes", "labels": "none"})");
  const std::string words =
      format("cluster {} --clusters 3 --out {} --backbone {}{}", images().string(),
             run_folder.string(), (folder / "odd.pt").string(), consent);
  const Outcome outcome = run(words);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("views of 64 pixels"), Not(HasSubstr("does not say"))));
  expect_failure(words + " --image-size 32 --force", 3, "views of 64 pixels");
  const Outcome bare = run(clustering("other.pt") + consent + " --force");
  EXPECT_THAT(bare.err, HasSubstr("does not say which views it was trained on: nolabel assumes "
                                  "ImageNet's mean and standard deviation"));
}

// Where images have to be embedded, an update asks for consent again.
TEST_F(ProgramBackbone, UpdatesWithConsent) {
  const fs::path photos = new_folder("program_update");
  write_images(photos, 3, 4);
  const std::string words =
      format("cluster {} --clusters 3 --out {} --backbone {}{}", photos.string(),
             run_folder.string(), (folder / "net.pt").string(), consent);
  ASSERT_EQ(run(words).code, 0);
  write_images(photos / "later", 1, 1, 44);
  expect_failure("update " + run_folder.string(), 2, "Add --run-program");
  const Outcome outcome = run("update " + run_folder.string() + consent);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 new"));
}

TEST_F(ProgramBackbone, ThatCannotBeUsedIsToldInOneLine) {
  expect_failure(clustering("tuple.pt") + consent, 3, "It returns a tuple.");
  expect_failure(clustering("odd.pt") + consent, 3, "AssertionError: views of 64 pixels");
  const std::string whole = read_file(folder / "net.pt");
  write_file(folder / "cut.pt", whole.substr(0, whole.size() / 2));
  expect_failure(clustering("cut.pt") + consent, 3, "its end has been cut off");
  const Outcome prints = run(clustering("prints.pt") + consent + " --json -");
  EXPECT_EQ(prints.code, 0) << prints.err;
  EXPECT_TRUE(nlohmann::json::accept(prints.out)) << prints.out;
  EXPECT_THAT(prints.err, HasSubstr("prints while it runs, which nolabel leaves out: I am here"));
}

TEST_F(ProgramBackbone, IsInspectedWithoutBeingRun) {
  const Outcome outcome = run("inspect " + (folder / "net.pt").string());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("a TorchScript program; --run-program runs it"),
                                 HasSubstr("1 tensors, 30 values")));
  EXPECT_TRUE(result_of("inspect " + (folder / "prints.pt").string()).at("program"));
}

}  // namespace
}  // namespace nolabel
