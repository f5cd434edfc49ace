#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/hugging_face.h"
#include "nolabel/pipeline/hugging_face_testing.h"

namespace nolabel {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

class TimmFolder : public testing::Test {
 protected:
  void configure(const std::string& config) const {
    write_file(folder.path() / "config.json", config);
  }
  Statements read() const { return hugging_face_statements(weights).statements; }
  // `more` of an architecture, and of its pretrained_cfg.
  Statements of(const std::string& architecture, const std::string& pretrained = "",
                const std::string& more = "") const {
    configure(R"({"architecture": ")" + architecture + R"(", )" + more + R"("pretrained_cfg": {)" +
              pretrained + "}}");
    return read();
  }

  const TemporaryDirectory folder;
  const std::filesystem::path weights = folder.path() / "model.safetensors";
};

// As timm/vit_small_patch16_224.augreg_in21k_ft_in1k on the hub.
TEST_F(TimmFolder, TellsTheNetworkItsViewsAndWhoseLabelsTrainedIt) {
  configure(R"({"architecture": "vit_small_patch16_224", "num_classes": 1000, "num_features": 384,
                "global_pool": "token",
                "pretrained_cfg": {"tag": "augreg_in21k_ft_in1k", "custom_load": true,
                  "input_size": [3, 224, 224], "fixed_input_size": true,
                  "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center",
                  "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "num_classes": 1000,
                  "pool_size": null, "first_conv": "patch_embed.proj", "classifier": "head",
                  "license": "apache-2.0"}})");
  EXPECT_THAT(
      read(),
      UnorderedElementsAre(
          Pair("architecture", "vit"), Pair("activation", "gelu"), Pair("pool", "class"),
          Pair("image_size", "224"), Pair("short_side", "248"), Pair("enlarge", "yes"),
          Pair("squash", "no"), Pair("interpolation", "bicubic"), Pair("mean", "0.5 0.5 0.5"),
          Pair("std", "0.5 0.5 0.5"), Pair("labels", "imagenet"),
          Pair("description", "vit_small_patch16_224.augreg_in21k_ft_in1k (timm)")));
}

TEST_F(TimmFolder, TakesTimmsChoicesByName) {
  EXPECT_THAT(of("resnet50"),
              AllOf(IsSupersetOf({Pair("architecture", "resnet50"), Pair("short_side", "256"),
                                  Pair("mean", "0.485 0.456 0.406")}),
                    Not(Contains(Key("activation"))), Not(Contains(Key("labels")))));
  EXPECT_THAT(of("tf_efficientnet_lite2.in1k", R"("input_size": [3, 260, 260], "crop_pct": 0.89)"),
              IsSupersetOf({Pair("architecture", "efficientnet-lite2"), Pair("image_size", "260"),
                            Pair("short_side", "292"), Pair("labels", "imagenet")}));
  EXPECT_THAT(of("vit_base_patch32_clip_quickgelu_224", R"("tag": "openai")"),
              IsSupersetOf({Pair("activation", "quick_gelu"), Pair("labels", "captions")}));
  EXPECT_THAT(of("vit_base_patch16_siglip_224", "", R"("global_pool": "map", )"),
              IsSupersetOf({Pair("activation", "gelu"), Pair("pool", "attention")}));
  EXPECT_THAT(of("vit_so400m_patch16_siglip_256"), Contains(Pair("activation", "gelu_tanh")));
  EXPECT_THAT(of("vit_giantopt_patch16_siglip_gap_256"), Contains(Pair("heads", "16")));
  EXPECT_THAT(
      of("vit_tiny_patch16_224", "", R"("model_args": {"num_heads": 6, "qkv_bias": false}, )"),
      Contains(Pair("heads", "6")));
  // The labels of ImageNet took no part.
  EXPECT_THAT(of("vit_huge_patch14_gap_224", R"("tag": "in1k_ijepa")", R"("global_pool": "avg", )"),
              AllOf(Contains(Pair("pool", "mean")), Not(Contains(Key("labels")))));
}

TEST_F(TimmFolder, TakesOtherViewsAndOlderFiles) {
  EXPECT_THAT(of("resnet18", R"("crop_mode": "squash", "crop_pct": 1, "interpolation": "lanczos")"),
              IsSupersetOf({Pair("squash", "yes"), Pair("short_side", "224"),
                            Pair("interpolation", "lanczos")}));
  configure(R"({"architecture": "resnet34", "input_size": [3, 192, 192], "crop_pct": 0.75,
                "mean": [0, 0, 0], "std": [1, 1, 1]})");
  EXPECT_THAT(read(), IsSupersetOf({Pair("image_size", "192"), Pair("short_side", "256"),
                                    Pair("mean", "0 0 0"), Pair("std", "1 1 1")}));
}

TEST_F(TimmFolder, RefusesWhatItCannotDo) {
  struct Case {
    const char *architecture, *pretrained, *more, *message;
  };
  const Case cases[] = {
      {"convnext_tiny", "", "", "have one of timm's architectures that nolabel has"},
      {"resnet50d", "", "", "It has resnet50d"},
      {"efficientnet_lite0", "", "", "It has efficientnet_lite0"},  // pads otherwise
      {"vit_base_patch16_rpn_224", "", "", "It has vit_base_patch16_rpn_224"},
      {"vit_base_patch16_xp_224", "", "", "It has vit_base_patch16_xp_224"},
      {"resnet18", R"("crop_mode": "border")", "", "the crop_mode center or squash"},
      {"resnet18", R"("crop_pct": 1.1)", "", "a crop_pct above 0 and of at most 1"},
      {"resnet18", R"("interpolation": "random")", "", "an interpolation that Pillow has"},
      {"resnet18", R"("input_size": [3, 224, 288])", "", "three channels and a square"},
      {"resnet18", R"("input_size": [1, 224, 224])", "", "three channels and a square"},
      {"resnet18", "", R"("model_args": {"in_chans": 1}, )", "have three channels"},
      {"resnet18", "", R"("model_args": {"output_stride": 16}, )", "have no output_stride"},
      {"resnet18", "", R"("global_pool": "max", )", "have the global_pool avg. It has max"},
      {"vit_tiny_patch16_224", "", R"("global_pool": "max", )", "token, avg or map. It has max"},
      {"resnet18", R"("crop_pct": "much")", "", "must have values of the kinds that timm writes"}};
  for (const auto& [architecture, pretrained, more, message] : cases) {
    try {
      of(architecture, pretrained, more);
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_THAT(error.what(), AllOf(HasSubstr(message), HasSubstr("config.json must ")));
    }
  }
}

TEST_F(TimmFolder, IsABackboneAsAFolder) {
  testing_hugging_face::write_small_vit(weights);
  of("vit_tiny_patch8_32", R"("input_size": [3, 32, 32], "crop_pct": 1, "mean": [0.5, 0.5, 0.5],
                              "std": [0.5, 0.5, 0.5])",
     R"("global_pool": "avg", "model_args": {"num_heads": 3}, )");
  const Backbone backbone = load_backbone(folder.path().string());
  EXPECT_EQ(backbone.network.parameters.at("heads"), "3");
  EXPECT_EQ(backbone.network.parameters.at("pool"), "mean");
  EXPECT_EQ(backbone.image_size, 32);
  EXPECT_EQ(backbone.assumption, "");
  EXPECT_EQ(backbone.origin, "vit_tiny_patch8_32 (timm)");
  of("resnet18");  // not what the weights are
  EXPECT_THROW(load_backbone(folder.path().string()), Error);
}

}  // namespace
}  // namespace nolabel
