// Vision transformers against timm's in float64 (tools/golden/vit.py).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/model/golden_testing.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/recognise.h"

namespace nolabel {
namespace {

using namespace testing_models;

using Parameters = std::map<std::string, std::string>;

struct VitCase {
  std::string name;
  Parameters parameters;  // beside those of every case
  std::vector<std::pair<int64_t, int64_t>> sizes;
};

BackboneDescription small_vit(const Parameters& parameters) {
  BackboneDescription description{"vit", parameters};
  description.parameters.insert({{"width", "24"},
                                 {"depth", "2"},
                                 {"heads", "3"},
                                 {"patch", "8"},
                                 {"hidden", "96"},
                                 {"grid", "4"}});
  return completed(description);
}

std::vector<VitCase> vit_cases() {
  const Parameters dinov2{{"patch", "14"}, {"grid", "3"}, {"layer_scale", "yes"}};
  Parameters registers = dinov2;
  registers.insert(
      {{"registers", "4"}, {"class_token", "yes"}, {"gated", "yes"}, {"hidden", "32"}});
  return {{"dino", {}, {{32, 32}, {40, 24}}},
          {"both", {{"pool", "both"}}, {{32, 32}, {40, 24}}},
          {"dinov2", dinov2, {{42, 42}, {28, 56}}},
          {"registers", registers, {{42, 42}, {56, 28}}},
          {"clip", {{"pre_norm", "yes"}, {"patch_bias", "no"}}, {{32, 32}, {16, 48}}},
          {"siglip", {{"class_token", "no"}, {"attention_pool", "yes"}}, {{32, 32}, {48, 40}}},
          {"mean_then_norm", {{"norm_after_pooling", "yes"}}, {{32, 32}, {24, 40}}},
          {"norm_then_mean", {{"pool", "mean"}}, {{32, 32}}},
          {"no_qkv_bias", {{"qkv_bias", "no"}}, {{32, 32}, {40, 24}}}};
}

class Vit : public testing::TestWithParam<VitCase> {};

TEST_P(Vit, ComputesWhatTimmDoes) {
  const auto& [name, parameters, sizes] = GetParam();
  const Value golden = read_weights_file(NOLABEL_TEST_DATA "/vit.safetensors");
  Model model({.kind = ModelSettings::Kind::clustering, .backbone = small_vit(parameters)}, 1);
  model.place(at::kCPU, Precision::fp64);
  fill(model, rough);
  for (const auto& [height, width] : sizes) {
    const at::Tensor views = rough({2, 3, height, width}, 0.5);
    expect_near(model.features(views, ForwardMode::evaluate), golden,
                format("{}.{}x{}", name, height, width));
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Vit, testing::ValuesIn(vit_cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST(VitNetwork, TrainsEveryParameter) {
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = small_vit({{"registers", "2"}, {"layer_scale", "yes"}})},
              1);
  model.place(at::kCPU, Precision::fp64);
  model.require_gradients(Trainable::everything);
  const at::Tensor features = model.features(rough({2, 3, 40, 24}, 0.5), ForwardMode::train);
  model.logits(features, 0).sum().backward();
  for (size_t i = 0; i < model.leaves().size(); ++i) {
    const at::Tensor& leaf = model.leaves()[i];
    ASSERT_TRUE(leaf.grad().defined()) << model.parameters()[i].name;
    EXPECT_GT(leaf.grad().abs().max().item<double>(), 0) << model.parameters()[i].name;
  }
}

// As timm's vit_medium_patch16_gap_256 has them, for one.
TEST(VitNetwork, IsRecognisedWithoutTheBiasOfQueriesKeysAndValues) {
  const BackboneDescription plain = small_vit({}), unbiased = small_vit({{"qkv_bias", "no"}});
  for (const BackboneDescription& network : {plain, unbiased}) {
    const Model model({.kind = ModelSettings::Kind::clustering, .backbone = network}, 1);
    const RecognisedBackbone found =
        recognise_backbone(model.state_dict(), {{"heads", "3"}}, 0, "net.pth");
    EXPECT_EQ(found.network.parameters.at("qkv_bias"), network.parameters.at("qkv_bias"));
  }
  // Features that were kept before the parameter was there are known by the same parameters now.
  EXPECT_EQ(identifying_parameters(plain), identifying_parameters(unbiased));
  EXPECT_FALSE(identifying_parameters(plain).contains("qkv_bias"));
  EXPECT_EQ(identifying_parameters(plain).at("patch_bias"), "yes");
}

TEST(VitNetwork, RefusesParametersThatContradictOneAnother) {
  const auto refused = [](const Parameters& parameters) {
    try {
      small_vit(parameters).dimensions();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refused({{"heads", "5"}}), "heads of vit must divide its width, 24. Received 5.");
  EXPECT_EQ(refused({{"class_token", "no"}, {"pool", "both"}}),
            "pool of vit must be mean or attention, because the network has no class token.");
  EXPECT_EQ(refused({{"pool", "attention"}}),
            "pool of vit must be class, mean or both, because the network pools without "
            "attention.");
}

TEST(VitNetwork, TakesPublishedViews) {
  const Preprocessing dino = preprocessing(small_vit({{"patch", "16"}, {"grid", "14"}}));
  EXPECT_EQ(dino.view_size, 224);
  EXPECT_EQ(dino.pictures.short_side, 256);
  EXPECT_EQ(dino.pictures.interpolation, Interpolation::bicubic);
  EXPECT_TRUE(dino.pictures.enlarge);
  const BackboneDescription dinov2 =
      small_vit({{"patch", "14"}, {"grid", "37"}, {"layer_scale", "yes"}});
  EXPECT_EQ(preprocessing(dinov2).view_size, 224);
  EXPECT_EQ(preprocessing(dinov2, 448).pictures.short_side, 512);
  const Preprocessing clip = preprocessing(small_vit({{"pre_norm", "yes"}}));
  EXPECT_EQ(clip.pictures.short_side, clip.view_size);
  EXPECT_FLOAT_EQ(clip.mean[0], 0.48145466f);
  const Preprocessing siglip =
      preprocessing(small_vit({{"class_token", "no"}, {"attention_pool", "yes"}}));
  EXPECT_TRUE(siglip.pictures.squash);
  EXPECT_FLOAT_EQ(siglip.std[2], 0.5f);
  EXPECT_FLOAT_EQ(preprocessing(small_vit({{"views", "half"}})).mean[1], 0.5f);
  EXPECT_EQ(preprocessing(dinov2, 518).view_size, 518);  // asked for
  EXPECT_EQ(preprocessing(dinov2, 100).view_size, 100);  // 7 whole patches
  EXPECT_THROW(preprocessing(dinov2, 10), Error);
}

}  // namespace
}  // namespace nolabel
