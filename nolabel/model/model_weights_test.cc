// Whole files of the programs people use, into our models.
#include "nolabel/model/model_weights.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/model/model.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/recognise.h"

namespace nolabel {
namespace {

WeightsInFile weights(const std::string& name) {
  return read_model_weights(NOLABEL_TEST_DATA "/" + name);
}

ModelSettings contrastive(const BackboneDescription& backbone, int embedding) {
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
  settings.backbone = recognise_backbone(file.state, {}, 32, "file").network;
  EXPECT_EQ(settings.backbone, testing_models::slim_backbone("cifar"));
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
  const BackboneDescription backbone = recognise_backbone(file.state, {}, 224, "file").network;
  EXPECT_EQ(backbone, testing_models::slim_resnet50());
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
  const BackboneDescription backbone = recognise_backbone(file.state, {}, 224, "file").network;
  Model model(contrastive(backbone, 4), 1);
  model.load_backbone(file.state);  // with the batch counts that the file lacks
  for (const auto& [name, tensor] : file.state) EXPECT_TRUE(name.starts_with("backbone.")) << name;
}

TEST(ModelWeights, OfSmallImagesUnderTorchvisionsNames) {
  const WeightsInFile file = weights("small_images.pth");
  const BackboneDescription backbone = recognise_backbone(file.state, {}, 96, "file").network;
  EXPECT_EQ(backbone, testing_models::slim_backbone("stl"));
  Model(contrastive(backbone, 4), 1).load_backbone(file.state);
}

TEST(ModelWeights, GoThroughAFileAndBack) {
  const std::string path = testing::TempDir() + "nolabel_model_weights.safetensors";
  const ModelSettings settings = contrastive(testing_models::slim_backbone(), 4);
  const Model written(settings, 1);
  write_safetensors(path, written.state_dict(), {});
  Model read(settings, 2);
  read.load_state_dict(read_model_weights(path).state);
  const StateDict a = written.state_dict(), b = read.state_dict();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i].tensor, b[i].tensor));
}

}  // namespace
}  // namespace nolabel
