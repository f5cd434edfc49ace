// Whole files of the programs people use, into our models.
#include "nolabel/model/model_weights.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/model/model.h"

namespace nolabel {
namespace {

WeightsInFile weights(const std::string& name) {
  return read_model_weights(NOLABEL_TEST_DATA "/" + name);
}

ModelSettings contrastive(const BackboneSettings& backbone, int embedding) {
  ModelSettings settings;
  settings.backbone = backbone;
  settings.embedding_dimensions = embedding;
  return settings;
}

TEST(ModelWeights, OfScanWithItsBestHead) {
  const WeightsInFile file = weights("scan_model.pth.tar");
  EXPECT_EQ(file.best_head, 1);
  ModelSettings settings;
  settings.kind = ModelSettings::Kind::clustering;
  settings.backbone = recognise_backbone(file.state, 32);
  EXPECT_EQ(settings.backbone, (BackboneSettings{BackboneKind::resnet18, Stem::cifar, 8, 1}));
  settings.clusters = 3;
  settings.heads = 2;
  Model(settings, 1).load_state_dict(file.state);
}

TEST(ModelWeights, OfACheckpointByPyTorch14) {
  const WeightsInFile file = weights("../../weights/testdata/scan_checkpoint_1.4.pth.tar");
  EXPECT_EQ(file.epoch, 12);
  EXPECT_FALSE(file.best_head);
  ASSERT_EQ(file.state.size(), 2u);
  EXPECT_EQ(file.state[0].name, "weight");
}

TEST(ModelWeights, OfMocoWithoutItsQueueAndSecondEncoder) {
  const WeightsInFile file = weights("moco.pth.tar");
  EXPECT_EQ(file.epoch, 800);
  const BackboneSettings backbone = recognise_backbone(file.state, 224);
  EXPECT_EQ(backbone, (BackboneSettings{BackboneKind::resnet50, Stem::imagenet, 8, 1}));
  Model(contrastive(backbone, 4), 1).load_backbone(file.state);
  std::vector<std::string> others;
  for (const auto& [name, tensor] : file.state) {
    if (!name.starts_with("backbone.")) others.push_back(name);
  }
  EXPECT_THAT(others, testing::ElementsAre("contrastive_head.0.weight", "contrastive_head.0.bias",
                                           "contrastive_head.2.weight", "contrastive_head.2.bias"));
}

TEST(ModelWeights, OfTorchvisionWithoutItsClassifier) {
  const WeightsInFile file = weights("torchvision.pth");
  const BackboneSettings backbone = recognise_backbone(file.state, 224);
  Model model(contrastive(backbone, 4), 1);
  model.load_backbone(file.state);  // with the batch counts that the file lacks
  for (const auto& [name, tensor] : file.state) EXPECT_TRUE(name.starts_with("backbone.")) << name;
}

TEST(ModelWeights, OfSmallImagesUnderTorchvisionsNames) {
  const WeightsInFile file = weights("small_images.pth");
  const BackboneSettings backbone = recognise_backbone(file.state, 96);
  EXPECT_EQ(backbone, (BackboneSettings{BackboneKind::resnet18, Stem::stl, 8, 1}));
  Model(contrastive(backbone, 4), 1).load_backbone(file.state);
}

TEST(ModelWeights, GoThroughAFileAndBack) {
  const std::string path = testing::TempDir() + "nolabel_model_weights.safetensors";
  const ModelSettings settings = contrastive({BackboneKind::resnet18, Stem::cifar, 8, 1}, 4);
  const Model written(settings, 1);
  write_safetensors(path, written.state_dict(), {});
  Model read(settings, 2);
  read.load_state_dict(read_model_weights(path).state);
  const StateDict a = written.state_dict(), b = read.state_dict();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i].tensor, b[i].tensor));
}

TEST(RecogniseBackbone, RefusesOtherNetworks) {
  StateDict state = weights("scan_model.pth.tar").state;
  state.push_back({"backbone.layer1.2.conv1.weight", at::ones({1, 1, 3, 3})});  // as in a resnet34
  EXPECT_THROW(recognise_backbone(state, 32), Error);
  EXPECT_THROW(recognise_backbone({{"fc.weight", at::ones({2, 2})}}, 32), Error);
}

}  // namespace
}  // namespace nolabel
