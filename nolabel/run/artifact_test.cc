#include "nolabel/run/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/run/training_stage.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArtifactTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    fs::create_directories(directory);
    environment.observer.log = [this](Severity, const std::string& text) { said += text + "\n"; };
  }
  void TearDown() override { fs::remove_all(directory); }

  // The message of the refusal, or "" when there is none.
  std::string refusal(const Provenance& wanted) const {
    try {
      artifact_state(file, wanted, environment);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("artifact_test_{}", int64_t{::getpid()});
  const fs::path file = directory / "table.npy";
  const Provenance provenance{.stage = "mine",
                              .settings = {{"neighbors", 20}},
                              .data = "images",
                              .inputs = {{"features", "abc"}},
                              .seed = 1};
  Environment environment;
  std::string said;
};

TEST_F(ArtifactTest, HashFollowsEveryPart) {
  Provenance other = provenance;
  EXPECT_EQ(other.hash(), provenance.hash());
  other.seed = 2;
  EXPECT_NE(other.hash(), provenance.hash());
  other = provenance;
  other.data = "others";
  EXPECT_NE(other.hash(), provenance.hash());
  other = provenance;
  other.inputs["features"] = "abd";
  EXPECT_NE(other.hash(), provenance.hash());
}

TEST_F(ArtifactTest, StateFollowsTheSidecar) {
  EXPECT_EQ(artifact_state(file, provenance, environment), ArtifactState::missing);
  write_file(file, "content");
  EXPECT_EQ(artifact_state(file, provenance, environment), ArtifactState::adopted);
  EXPECT_THAT(said, HasSubstr("made by another program: used as it is"));
  write_sidecar(file, provenance, environment, 1.5);
  EXPECT_EQ(artifact_state(file, provenance, environment), ArtifactState::current);
  EXPECT_EQ(sidecar_settings(file)["neighbors"], 20);
}

TEST_F(ArtifactTest, RefusalSaysWhatDiffers) {
  write_file(file, "content");
  write_sidecar(file, provenance, environment, 0);
  Provenance other = provenance;
  other.settings = {{"neighbors", 5}, {"metric", "cosine"}};
  other.inputs = nlohmann::json::object();
  const std::string message = refusal(other);
  EXPECT_THAT(message, HasSubstr("settings.neighbors was 20, is 5"));
  EXPECT_THAT(message, HasSubstr("settings.metric was unset, is \"cosine\""));
  EXPECT_THAT(message, HasSubstr("inputs.features was \"abc\", is unset"));
  EXPECT_THAT(message, HasSubstr("--force"));
  other.data = std::string(64, 'e');
  EXPECT_THAT(refusal(other), HasSubstr("is eeeeeeee…;"));
  other.data = std::string(64, 'a') + "+jpeg95:" + std::string(64, 'b');
  EXPECT_THAT(refusal(other), HasSubstr("is aaaaaaaa…+jpeg95:bbbbbbbb…;"));
  environment.force = true;
  EXPECT_EQ(artifact_state(file, other, environment), ArtifactState::missing);
}

TEST_F(ArtifactTest, DamagedSidecarIsBadData) {
  write_file(file, "content");
  write_file(fs::path(file) += ".json", "{\"hash\": ");
  EXPECT_THROW(artifact_state(file, provenance, environment), Error);
  write_file(fs::path(file) += ".json", "{\"hash\": 3}");
  EXPECT_THAT(refusal(provenance), HasSubstr("stage was unset, is \"mine\""));
}

// What a training leaves behind when it ends, or is killed, after its checkpoint.
TEST_F(ArtifactTest, OneSideOfTheDataIsKnownByItsPlace) {
  EXPECT_TRUE(is_of_data(file, "any"));  // without a sidecar
  Provenance both = provenance;
  both.data = "a+b";
  write_sidecar(file, both, environment, 0);
  EXPECT_TRUE(is_of_data(file, "a+b"));
  EXPECT_FALSE(is_of_data(file, "a"));
  EXPECT_TRUE(is_of_data(file, "a", DataPart::train));
  EXPECT_FALSE(is_of_data(file, "b", DataPart::train));
  EXPECT_TRUE(is_of_data(file, "b", DataPart::validation));
  EXPECT_FALSE(is_of_data(file, "a", DataPart::validation));
  write_sidecar(file, provenance, environment, 0);
  EXPECT_TRUE(is_of_data(file, "images", DataPart::validation));  // there are no others
}

class TrainingStageTest : public ArtifactTest {
 protected:
  bool train(const Provenance& made_from, bool killed = false) {
    const RunDirectory run(directory);
    return run_training_stage(run, "scan", made_from, environment, [&](const fs::path& stage) {
      begun_with_checkpoint = fs::exists(stage / "checkpoint.pth.tar");
      write_file(stage / "checkpoint.pth.tar", "checkpoint");
      write_file(stage / "model.pth.tar", "model");
      if (killed) throw Error(Fault::stopped, "killed");
    });
  }
  bool begun_with_checkpoint = false;
};

TEST_F(TrainingStageTest, FinishedIsKept) {
  EXPECT_TRUE(train(provenance));
  EXPECT_FALSE(train(provenance));
  EXPECT_THAT(said, HasSubstr("finished before, kept"));
}

TEST_F(TrainingStageTest, BegunIsResumedButNotByOtherSettings) {
  Provenance other = provenance;
  other.seed = 7;
  EXPECT_THROW(train(provenance, /*killed=*/true), Error);
  EXPECT_THROW(train(other), Error);
  EXPECT_TRUE(train(provenance));
  EXPECT_TRUE(begun_with_checkpoint);
  EXPECT_FALSE(train(provenance));
}

TEST_F(TrainingStageTest, ForceStartsAnew) {
  Provenance other = provenance;
  other.seed = 7;
  EXPECT_TRUE(train(provenance));
  EXPECT_THROW(train(other), Error);
  environment.force = true;
  EXPECT_TRUE(train(other));
  EXPECT_FALSE(begun_with_checkpoint);
}

TEST_F(TrainingStageTest, ModelOfAnotherProgramIsAdopted) {
  fs::create_directories(directory / "scan");
  write_file(directory / "scan/model.pth.tar", "published");
  EXPECT_FALSE(train(provenance));
  EXPECT_EQ(read_file(directory / "scan/model.pth.tar"), "published");
}

}  // namespace
}  // namespace nolabel
