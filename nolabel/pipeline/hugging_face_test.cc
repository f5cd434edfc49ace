#include "nolabel/pipeline/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/hugging_face_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Pair;
using testing::UnorderedElementsAre;

class HuggingFace : public testing::Test {
 protected:
  void configure(const std::string& network, const std::string& views = "") const {
    write_file(folder.path() / "config.json", network);
    if (!views.empty()) write_file(folder.path() / "preprocessor_config.json", views);
  }
  Statements read() const { return hugging_face_statements(weights).statements; }

  const TemporaryDirectory folder;
  const std::filesystem::path weights = folder.path() / "model.safetensors";
};

// The files of facebook/dinov2-small and of openai/clip-vit-base-patch32, without what nolabel does
// not read.
TEST_F(HuggingFace, TellsWhatWeightsDoNot) {
  configure(R"({"model_type": "dinov2", "num_attention_heads": 6, "hidden_act": "gelu",
                "layer_norm_eps": 1e-06, "image_size": 518})",
            R"({"crop_size": {"height": 224, "width": 224}, "do_center_crop": true,
                "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
                "size": {"shortest_edge": 256}})");
  EXPECT_THAT(read(), UnorderedElementsAre(Pair("heads", "6"), Pair("activation", "gelu"),
                                           Pair("epsilon", "1e-6"), Pair("image_size", "224"),
                                           Pair("short_side", "256"), Pair("enlarge", "yes"),
                                           Pair("squash", "no"), Pair("interpolation", "bicubic"),
                                           Pair("mean", "0.485 0.456 0.406"),
                                           Pair("std", "0.229 0.224 0.225")));
  configure(R"({"model_type": "clip", "vision_config": {"num_attention_heads": 12,
                "hidden_act": "quick_gelu", "layer_norm_eps": 1e-05}})",
            R"({"crop_size": 224, "do_center_crop": true, "size": 224, "image_mean": null})");
  EXPECT_THAT(read(), IsSupersetOf({Pair("heads", "12"), Pair("activation", "quick_gelu"),
                                    Pair("epsilon", "1e-5"), Pair("image_size", "224"),
                                    Pair("short_side", "224"), Pair("squash", "no"),
                                    Pair("mean", "0.48145466 0.4578275 0.40821073")}));
}

TEST_F(HuggingFace, NullIsWhatIsNotSet) {
  configure(R"({"model_type": "vit", "num_attention_heads": null, "vision_config": null})",
            R"({"do_center_crop": null, "crop_size": null, "image_mean": null,
                "size": {"height": 224, "width": 224, "longest_edge": null}})");
  EXPECT_THAT(read(),
              IsSupersetOf({Pair("image_size", "224"), Pair("squash", "yes"),
                            Pair("interpolation", "bilinear"), Pair("mean", "0.5 0.5 0.5")}));
}

TEST_F(HuggingFace, FindsTheProcessorWithinAnother) {
  const auto place = [this](const char* text) {
    write_file(folder.path() / "processor_config.json", text);
  };
  configure(R"({"model_type": "clip"})");
  place(
      R"({"processor_class": "CLIPProcessor", "image_processor": {"size": 336, "crop_size": 336}})");
  EXPECT_THAT(read(), IsSupersetOf({Pair("image_size", "336"), Pair("short_side", "336")}));
  place(R"({"processor_class": "CLIPProcessor"})");  // an earlier version's
  EXPECT_TRUE(read().empty());
}

// Numbers of transformers and of a bare processor, which does no more than what is written.
TEST_F(HuggingFace, TakesTheRuleOfResizing) {
  const auto views = [this](const std::string& type, const std::string& settings) {
    configure(R"({"model_type": "vit"})",
              R"({"image_processor_type": ")" + type + R"(ImageProcessorFast", )" + settings + "}");
    return read();
  };
  EXPECT_THAT(views("ViT", R"("size": 384)"),
              IsSupersetOf({Pair("image_size", "384"), Pair("short_side", "384"),
                            Pair("squash", "yes"), Pair("interpolation", "bilinear")}));
  EXPECT_THAT(views("CLIP", R"("size": 256, "resample": 1)"),
              IsSupersetOf({Pair("image_size", "224"), Pair("short_side", "256"),
                            Pair("squash", "no"), Pair("interpolation", "lanczos")}));
  EXPECT_THAT(views("DeiT", R"("resample": 0)"),
              IsSupersetOf({Pair("image_size", "224"), Pair("short_side", "256"),
                            Pair("squash", "yes"), Pair("interpolation", "nearest")}));
  EXPECT_THAT(views("Other", R"("do_resize": true, "size": {"height": 64, "width": 64},
                                "resample": 5, "do_rescale": false, "do_normalize": false)"),
              IsSupersetOf({Pair("image_size", "64"), Pair("interpolation", "hamming"),
                            Pair("mean", "0 0 0"),
                            Pair("std", "0.00392156863 0.00392156863 0.00392156863")}));
  EXPECT_THAT(views("ViT", R"("rescale_factor": 0.00784313725490196, "image_mean": 1,
                              "image_std": 1)"),
              IsSupersetOf({Pair("mean", "0.5 0.5 0.5"), Pair("std", "0.5 0.5 0.5")}));
}

TEST_F(HuggingFace, SaysThatItTakesTheMiddleOfAWholePicture) {
  configure(R"({"model_type": "dinov2"})", R"({"size": 224, "do_center_crop": false})");
  EXPECT_THAT(hugging_face_statements(weights).note,
              HasSubstr("takes whole pictures; nolabel takes the square in the middle, of 224"));
}

TEST_F(HuggingFace, RefusesViewsThatItCannotMake) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("do_resize": false)", "must have do_resize"},
      {R"("size": {"longest_edge": 224})", "must have a size that is a number"},
      {R"("size": {"shortest_edge": 224, "longest_edge": 448})", "must have a size that is"},
      {R"("size": {"height": 224, "width": 448})", "a square size. It has 224 x 448 pixels"},
      {R"("size": 224, "do_center_crop": true, "crop_size": 256)", "a crop_size of at most 224"},
      {R"("resample": 6)", "a resample of 0..5"},
      {R"("do_pad": true)", "have no do_pad, which nolabel cannot do"},
      {R"("rescale_offset": true)", "have no rescale_offset"},
      {R"("crop_pct": 0.875)", "have no crop_pct"},
      {R"("image_processor_type": "OtherImageProcessor")",
       "have do_resize, because nolabel knows no default of Other"},
      {R"("image_processor_type": "OtherImageProcessor", "do_resize": true, "size": 224,
          "resample": 2, "do_rescale": true, "do_normalize": false)",
       "does not know what a number means to Other"}};
  for (const auto& [settings, message] : cases) {
    configure(R"({"model_type": "vit"})", std::string("{") + settings + "}");
    try {
      read();
      ADD_FAILURE() << settings;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_THAT(error.what(), HasSubstr(message));
      EXPECT_THAT(error.what(), HasSubstr("preprocessor_config.json must "));
    }
  }
}

TEST_F(HuggingFace, OtherFilesHaveNoConfiguration) {
  EXPECT_TRUE(read().empty());
  configure(R"({"name": "something else"})");
  EXPECT_TRUE(read().empty());
  configure(R"({"model_type": "vit", "num_attention_heads": 3})");
  EXPECT_TRUE(hugging_face_statements(folder.path() / "dino.pth").statements.empty());
}

TEST_F(HuggingFace, RefusesWhatItCannotRead) {
  for (const char* text : {"[]", "{", R"({"model_type": "vit", "num_attention_heads": "six"})"}) {
    configure(text);
    EXPECT_THROW(read(), Error) << text;
  }
}

TEST_F(HuggingFace, IsABackboneAsAFolder) {
  testing_hugging_face::write_small_vit(weights);
  configure(R"({"model_type": "vit", "num_attention_heads": 3, "layer_norm_eps": 1e-12})",
            R"({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": 32})");
  const Backbone backbone = load_backbone(folder.path().string());
  EXPECT_EQ(backbone.network.parameters.at("heads"), "3");
  EXPECT_EQ(backbone.network.parameters.at("epsilon"), "1e-12");
  EXPECT_EQ(backbone.image_size, 32);
  EXPECT_FLOAT_EQ(backbone.normalize.mean[0], 0.5f);
  EXPECT_EQ(backbone.assumption, "");
}

}  // namespace
}  // namespace nolabel
