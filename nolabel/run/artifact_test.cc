#include "nolabel/run/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

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
  EXPECT_THAT(said, HasSubstr("made by another program; nolabel uses the file unchanged"));
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
  EXPECT_THAT(message, HasSubstr("made differently: "));
  EXPECT_THAT(message, HasSubstr("neighbors was 20, is 5"));
  EXPECT_THAT(message, HasSubstr("metric was unset, is cosine"));
  EXPECT_THAT(message, HasSubstr("the backbone is no longer used"));
  EXPECT_THAT(message, HasSubstr("--force"));
  other.data = std::string(64, 'e');
  environment.data_change = "2 new (a.jpg, b.jpg)";
  EXPECT_THAT(refusal(other), HasSubstr("differently: the images changed: 2 new (a.jpg, b.jpg);"));
  environment.force = true;
  EXPECT_EQ(artifact_state(file, other, environment), ArtifactState::missing);
}

TEST_F(ArtifactTest, DamagedSidecarIsBadData) {
  write_file(file, "content");
  write_file(fs::path(file) += ".json", "{\"hash\": ");
  EXPECT_THROW(artifact_state(file, provenance, environment), Error);
  write_file(fs::path(file) += ".json", "{\"hash\": 3}");
  EXPECT_THAT(refusal(provenance), HasSubstr("stage was unset, is mine"));
}

TEST_F(ArtifactTest, OneSplitOfTheDataIsKnownByItsPlace) {
  EXPECT_TRUE(is_of_data(file, "any"));  // without a sidecar
  Provenance both = provenance;
  both.data = "a+b";
  write_sidecar(file, both, environment, 0);
  EXPECT_TRUE(is_of_data(file, "a+b"));
  EXPECT_FALSE(is_of_data(file, "a"));
  EXPECT_TRUE(is_of_data(file, "a", RunSplit::train));
  EXPECT_FALSE(is_of_data(file, "b", RunSplit::train));
  EXPECT_TRUE(is_of_data(file, "b", RunSplit::validation));
  EXPECT_FALSE(is_of_data(file, "a", RunSplit::validation));
  write_sidecar(file, provenance, environment, 0);
  EXPECT_TRUE(is_of_data(file, "images", RunSplit::validation));  // there are no others
}

}  // namespace
}  // namespace nolabel
