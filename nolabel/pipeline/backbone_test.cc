#include "nolabel/pipeline/backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::FloatEq;
using testing::HasSubstr;
using testing::Pointwise;

class BackboneFiles : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    fs::create_directories(directory);
    // Only the statements tell this network from the one for smaller images.
    trained.network = testing_models::slim_backbone("stl");
    trained.image_size = 96;
    trained.normalize = imagenet_normalization();
    trained.labels = labels_none;
    trained.origin = "a test \"with\" quotes";
    const Model model({.kind = ModelSettings::Kind::contrastive, .backbone = trained.network}, 0);
    trained.state = model.state_dict();
  }
  void TearDown() override { fs::remove_all(directory); }

  void expect_as_trained(const Backbone& read) const {
    EXPECT_EQ(read.network, trained.network);
    EXPECT_EQ(read.labels, "none");
    EXPECT_EQ(read.image_size, 96);
    EXPECT_EQ(read.origin, trained.origin);
    EXPECT_EQ(read.assumption, "");
    ASSERT_TRUE(read.head);
    EXPECT_EQ(read.head->kind, HeadKind::mlp);
    EXPECT_THAT(read.normalize.mean, Pointwise(FloatEq(), trained.normalize.mean));
    EXPECT_THAT(read.normalize.std, Pointwise(FloatEq(), trained.normalize.std));
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("backbone_test_{}", int64_t{::getpid()});
  const fs::path torch_file = directory / "model.pth.tar";
  Backbone trained;
};

TEST_F(BackboneFiles, StatementsBesideATorchFile) {
  write_torch_file(torch_file, to_value(trained.state));
  write_backbone_metadata(torch_file, trained);
  expect_as_trained(load_backbone(torch_file.string()));
}

TEST_F(BackboneFiles, StatementsWithinSafetensors) {
  const fs::path file = directory / "model.safetensors";
  write_safetensors(file, trained.state, backbone_metadata(trained));
  expect_as_trained(load_backbone(file.string()));
}

// As Hugging Face's configurations have it; a run's model keeps it.
TEST_F(BackboneFiles, HowPicturesAreResized) {
  write_torch_file(torch_file, to_value(trained.state));
  write_backbone_metadata(torch_file, trained);
  EXPECT_FALSE(load_backbone(torch_file.string()).pictures);  // as the network was published
  trained.file = torch_file;
  const std::string hash = backbone_hash(trained);
  trained.pictures = PictureSize{.short_side = 96, .enlarge = true, .squash = true};
  EXPECT_NE(backbone_hash(trained), hash);
  write_backbone_metadata(torch_file, trained);
  Backbone read = load_backbone(torch_file.string());
  EXPECT_EQ(read.pictures, trained.pictures);
  EXPECT_EQ(picture_size(read), *trained.pictures);
  resize_views(read, 64);
  EXPECT_EQ(read.image_size, 64);
  EXPECT_EQ(picture_size(read).short_side, 64);
}

TEST_F(BackboneFiles, ParametersThatWeightsDoNotTell) {
  trained.network = testing_models::slim_backbone("cifar", /*stride=*/2);
  write_torch_file(torch_file, to_value(trained.state));
  write_backbone_metadata(torch_file, trained);
  const Backbone read = load_backbone(torch_file.string(), 48);
  EXPECT_EQ(read.network, trained.network);
  EXPECT_EQ(read.image_size, 48);  // as asked for
}

TEST_F(BackboneFiles, WithoutStatementsTheSizeIsAssumedAndSaid) {
  write_torch_file(torch_file, to_value(trained.state));
  const Backbone read = load_backbone(torch_file.string());
  EXPECT_EQ(read.network, testing_models::slim_backbone("cifar"));
  EXPECT_EQ(read.image_size, 32);
  EXPECT_THAT(read.assumption, HasSubstr("--image-size 96"));
  EXPECT_EQ(load_backbone(torch_file.string(), 96).network, trained.network);
}

TEST_F(BackboneFiles, MalformedStatementsAreBadData) {
  write_torch_file(torch_file, to_value(trained.state));
  for (const char* statements : {"[1]", "{\"image_size\": 96}", "{\"image_size\": \"96px\"}",
                                 "{\"architecture\": \"none\"}", "{"}) {
    write_file(fs::path(torch_file) += ".backbone.json", statements);
    try {
      load_backbone(torch_file.string());
      ADD_FAILURE() << statements;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data) << statements;
    }
  }
}

TEST_F(BackboneFiles, DescriptionsDoNotChangeTheHash) {
  write_torch_file(torch_file, to_value(trained.state));
  trained.file = torch_file;
  const std::string hash = backbone_hash(trained);
  trained.origin = "another";
  trained.labels = labels_imagenet;
  EXPECT_EQ(backbone_hash(trained), hash);
  trained.image_size = 64;
  EXPECT_NE(backbone_hash(trained), hash);
}

}  // namespace
}  // namespace nolabel
