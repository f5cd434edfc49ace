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

// A network of torchvision's names, as programs nest it.
StateDict bare_resnet(const std::string& prefix) {
  const Model model(contrastive(testing_models::slim_backbone("imagenet"), 4), 1);
  StateDict state;
  for (const auto& [name, tensor] : model.state_dict()) {
    if (!name.starts_with("backbone.")) continue;
    state.push_back({prefix + name.substr(9), tensor.clone()});
  }
  state.push_back({prefix + "fc.weight", at::ones({5, 64})});
  return state;
}

// The parts of a ResNet by their numbers in an nn.Sequential, as lightly writes them.
StateDict numbered_resnet(const std::string& prefix) {
  StateDict state;
  for (auto& [name, tensor] : bare_resnet("")) {
    for (const auto& [part, number] :
         std::vector<std::pair<std::string, std::string>>{{"conv1.", "0."},
                                                          {"bn1.", "1."},
                                                          {"layer1.", "4."},
                                                          {"layer2.", "5."},
                                                          {"layer3.", "6."},
                                                          {"layer4.", "7."}}) {
      if (!name.starts_with(part)) continue;
      state.push_back({prefix + number + name.substr(part.size()), tensor});
      break;
    }
  }
  return state;
}

void expect_backbone(const StateDict& state, const std::string& what) {
  const BackboneDescription backbone = recognise_backbone(state, {}, 224, "file").network;
  EXPECT_EQ(backbone, testing_models::slim_backbone("imagenet")) << what;
  Model read(contrastive(backbone, 4), 2);
  read.load_backbone(state);
  const StateDict loaded = read.state_dict(), written = bare_resnet("backbone.");
  for (size_t i = 0; i + 1 < written.size(); ++i) {  // all but fc
    ASSERT_EQ(loaded[i].name, written[i].name) << what;
    ASSERT_TRUE(at::equal(loaded[i].tensor, written[i].tensor)) << what << " " << loaded[i].name;
  }
}

TEST(ModelWeights, OfANetworkNestedInAnyWay) {
  for (const char* prefix :
       {"", "_orig_mod.", "module.", "backbone.", "backbone.0.", "encoder.module.",
        "_orig_mod.module.encoder_q.", "teacher.backbone.", "momentum_encoder.", "base_encoder.",
        "resnet.", "trunk.", "features.", "model.net.online_encoder."}) {
    const WeightsInFile named = model_weights(to_value(bare_resnet(prefix)), "file");
    expect_backbone(named.state, prefix);
    EXPECT_EQ(named.note, "");
    expect_backbone(model_weights(to_value(numbered_resnet(prefix)), "file").state,
                    std::string(prefix) + " numbered");
  }
}

TEST(ModelWeights, OfTheTeacherBesideItsStudent) {
  StateDict student = bare_resnet("module.backbone.");
  for (NamedTensor& entry : student) entry.tensor = at::zeros_like(entry.tensor);
  const Value file = Value::dict({{std::string("student"), to_value(student)},
                                  {std::string("teacher"), to_value(bare_resnet("backbone."))},
                                  {std::string("epoch"), int64_t{99}}});
  const WeightsInFile weights = model_weights(file, "dino.pth");
  expect_backbone(weights.state, "teacher");
  EXPECT_EQ(weights.epoch, 99);
  EXPECT_EQ(weights.note,
            "dino.pth holds networks under teacher.backbone and student.backbone; nolabel takes "
            "teacher.backbone.");
}

// Heads of SwAV, SimSiam and MoCo v3, which nolabel cannot use.
TEST(ModelWeights, LeavesOutHeadsWithBatchNorms) {
  for (const char* prefix : {"module.", "module.encoder.", "module.base_encoder.", "encoder_q."}) {
    StateDict state = bare_resnet(prefix);
    std::erase_if(state, [](const auto& entry) { return entry.name.ends_with("fc.weight"); });
    for (const char* name : {"fc.0.weight", "fc.1.weight", "fc.3.weight", "prototypes.weight",
                             "projection_head.0.weight", "projection_head.1.weight"}) {
      state.push_back({std::string(prefix) + name, at::ones({64, 64})});
    }
    const StateDict ours = model_weights(to_value(state), "file").state;
    expect_backbone(ours, prefix);
    for (const auto& [name, tensor] : ours) EXPECT_TRUE(name.starts_with("backbone.")) << name;
  }
}

// Published names and timm's, as programs nest them.
TEST(ModelWeights, OfAnEfficientNetNestedInAnyWay) {
  const Model model(contrastive({"efficientnet-lite0", {}}, 4), 1);
  for (const char* prefix : {"", "backbone.", "_orig_mod.module.", "teacher.backbone.", "net."}) {
    StateDict state;
    for (const auto& [name, tensor] : model.state_dict()) {
      if (name.starts_with("backbone.")) state.push_back({prefix + name.substr(9), tensor});
    }
    state.push_back({std::string(prefix) + "_fc.weight", at::ones({5, 1280})});
    const WeightsInFile weights = model_weights(to_value(state), "file");
    EXPECT_EQ(weights.note, "");
    const BackboneDescription backbone = recognise_backbone(weights.state, {}, 0, "file").network;
    EXPECT_EQ(backbone.architecture, "efficientnet-lite0") << prefix;
    Model(contrastive(backbone, 4), 2).load_backbone(weights.state);
  }
}

TEST(ModelWeights, OfOursWithHeadsInAnyNesting) {
  const Model model(contrastive(testing_models::slim_backbone(), 4), 1);
  for (const char* prefix : {"module.", "_orig_mod.module.", "model.", "net._orig_mod."}) {
    StateDict state = model.state_dict();
    for (NamedTensor& entry : state) entry.name.insert(0, prefix);
    Model read(model.settings(), 2);
    read.load_state_dict(model_weights(to_value(state), "file").state);  // strict: heads too
  }
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
