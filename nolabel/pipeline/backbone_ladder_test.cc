// Which backbone `cluster` takes for photos where nobody names one, with a server on this machine
// in place of the authors'.
#include "nolabel/pipeline/backbone_ladder.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/backbones/test_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/fetch/test_directory.h"
#include "nolabel/fetch/test_server.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/backbone_call.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class BackboneLadder : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    ::setenv("NOLABEL_MIRROR", server.url("").c_str(), 1);
    access.ask = [this](const std::string& question) {
      questions.push_back(question);
      return answer;
    };
    observer.log = [this](Severity, const std::string& text) { log += text + "\n"; };
    fs::create_directories(root / "torch/hub/checkpoints");
    write_torch_file(network, to_value(weights("384")));
  }
  // A ViT-S/16 or one of another width, under the names of DINO's authors, of zeros but for its
  // norms, in half precision.
  static StateDict weights(const std::string& width) {
    const BackboneDescription network = completed({"vit", {{"width", width}}});
    StateDict bare;
    for (const auto& [name, tensor] :
         Model({.kind = ModelSettings::Kind::clustering, .backbone = network}, 1).state_dict()) {
      if (name.starts_with("backbone.")) bare.push_back({name.substr(9), tensor.to(at::kHalf)});
    }
    return bare;
  }
  void place_in_torch_hub(const std::string& name) const {
    fs::copy_file(network, root / "torch/hub/checkpoints" / find_published(name)->file());
  }

  const TestBackboneFolders folders{root};
  const fs::path network = root / "network.pth";
  TestServer server{
      [this](const TestServer::Request&) { return TestServer::Reply{.body = read_file(network)}; }};
  BackboneAccess access;
  std::optional<bool> answer = false;
  std::vector<std::string> questions;
  std::string log;
};

TEST_F(BackboneLadder, TakesTheBestThatIsOnTheDisk) {
  place_in_torch_hub("dino-s16");
  place_in_torch_hub("dinov2-s14");  // not the published file
  place_in_torch_hub("dinov2-b14");  // no such network
  place_in_torch_hub("dino-b16");    // after dino-s16
  const auto step = published_for_photos(access, 0, observer);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->backbone.name, "dino-s16");
  EXPECT_THAT(log, HasSubstr("dinov2_vits14_pretrain.pth must have the SHA-256"));
  EXPECT_THAT(log, HasSubstr("must hold DINOv2 ViT-B/14. It holds another network"));
  EXPECT_THAT(step->reason, HasSubstr("torch.hub's cache"));
  EXPECT_TRUE(questions.empty());
  EXPECT_TRUE(server.requests().empty());
  const Backbone backbone = load_backbone("dino-s16");
  EXPECT_EQ(backbone.name, "dino-s16");
  EXPECT_EQ(backbone.labels, "none");
  EXPECT_EQ(backbone.origin, "DINO ViT-S/16, trained on ImageNet's 1.3 million images");
  EXPECT_EQ(backbone.assumption, "");
}

TEST_F(BackboneLadder, AsksAPersonOnce) {
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  ASSERT_EQ(questions.size(), 1u);
  EXPECT_EQ(questions[0],
            "The backbone decides what groups of photos mean. Download DINOv2 ViT-S/14 (88.3 MB, "
            "Apache-2.0, trained without labels on 142 million images from the web that are like "
            "those of known data sets)?");
  EXPECT_THAT(log, HasSubstr("will not ask again"));
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  EXPECT_EQ(questions.size(), 1u);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(BackboneLadder, NoAnswerIsNoDecision) {
  answer.reset();  // the end of the input
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  EXPECT_EQ(questions.size(), 2u);
}

TEST_F(BackboneLadder, ChecksWhatIsDownloaded) {
  answer = true;  // the server's file is not the one that was published
  EXPECT_THROW(published_for_photos(access, 0, observer), Error);
  EXPECT_FALSE(find_on_disk(*find_published("dinov2-s14")));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(BackboneLadder, ConnectsOnlyWhereItMay) {
  access.offline = true;
  answer = true;
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  access = {};  // a script: nobody to ask
  EXPECT_FALSE(published_for_photos(access, 0, observer));
  provide_backbone(*find_published("dino-s16"), access, observer);
  EXPECT_TRUE(server.requests().empty());
  try {
    load_backbone("dino-s16");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Run `nolabel backbone get dino-s16`"));
  }
  access.download = true;
  provide_backbone(*find_published("dino-s16"), access, observer);
  EXPECT_EQ(load_backbone("dino-s16").image_size, 224);
}

TEST_F(BackboneLadder, GetsAndVerifiesByName) {
  BackboneRequest request;
  request.names = {"dino-s16"};
  EXPECT_EQ(get_backbones(request, observer).size(), 1u);
  std::vector<std::string> seen;
  const auto each = [&seen](const BackboneVerdict& verdict) {
    seen.push_back(verdict.name + (verdict.problem.empty() ? " ok" : " wrong"));
  };
  verify_backbones({}, observer, each);
  EXPECT_THAT(seen, ElementsAre("dino-s16 ok"));
  write_file(find_on_disk(*find_published("dino-s16"))->file, "changed");
  seen.clear();
  verify_backbones({}, observer, each);
  EXPECT_THAT(seen, ElementsAre("dino-s16 wrong"));
  request.names = {"dino-s61"};
  try {
    get_backbones(request, observer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Did you mean dino-s16?"));
  }
}

TEST_F(BackboneLadder, RefusesAnotherNetworkUnderTheName) {
  BackboneRequest request;
  request.names = {"dino-s16"};
  for (const StateDict& other : {StateDict{{"fc.weight", at::ones({2, 2})}}, weights("128")}) {
    write_torch_file(network, to_value(other));
    try {
      get_backbones(request, observer);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_THAT(error.what(), HasSubstr("must be DINO ViT-S/16. It is not, and was removed"));
    }
    EXPECT_FALSE(find_on_disk(*find_published("dino-s16")));
  }
}

}  // namespace
}  // namespace nolabel
