#include "nolabel/pipeline/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/model/model.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

class HuggingFace : public testing::Test {
 protected:
  void configure(const std::string& network, const std::string& views = "") const {
    write_file(folder.path() / "config.json", network);
    if (!views.empty()) write_file(folder.path() / "preprocessor_config.json", views);
  }
  Statements read() const { return hugging_face_statements(weights); }

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
                                           Pair("mean", "0.485 0.456 0.406"),
                                           Pair("std", "0.229 0.224 0.225")));
  configure(R"({"model_type": "clip", "vision_config": {"num_attention_heads": 12,
                "hidden_act": "quick_gelu", "layer_norm_eps": 1e-05}})",
            R"({"crop_size": 224, "do_center_crop": true, "size": 224, "image_mean": null})");
  EXPECT_THAT(read(), UnorderedElementsAre(Pair("heads", "12"), Pair("activation", "quick_gelu"),
                                           Pair("epsilon", "1e-5"), Pair("image_size", "224")));
}

TEST_F(HuggingFace, NullIsWhatIsNotSet) {
  configure(R"({"model_type": "vit", "num_attention_heads": null, "vision_config": null})",
            R"({"do_center_crop": null, "crop_size": null, "image_mean": null,
                "size": {"height": 224, "width": 224, "longest_edge": null}})");
  EXPECT_THAT(read(), UnorderedElementsAre(Pair("image_size", "224")));
}

TEST_F(HuggingFace, OtherFilesHaveNoConfiguration) {
  EXPECT_TRUE(read().empty());
  configure(R"({"name": "something else"})");
  EXPECT_TRUE(read().empty());
  configure(R"({"model_type": "vit", "num_attention_heads": 3})");
  EXPECT_TRUE(hugging_face_statements(folder.path() / "dino.pth").empty());
}

TEST_F(HuggingFace, RefusesWhatItCannotRead) {
  for (const char* text : {"[]", "{", R"({"model_type": "vit", "num_attention_heads": "six"})"}) {
    configure(text);
    EXPECT_THROW(read(), Error) << text;
  }
}

TEST_F(HuggingFace, IsABackboneAsAFolder) {
  const BackboneDescription network{"vit",
                                    {{"width", "24"},
                                     {"depth", "1"},
                                     {"heads", "3"},
                                     {"patch", "8"},
                                     {"hidden", "48"},
                                     {"grid", "4"}}};
  StateDict bare;
  for (auto& [name, tensor] :
       Model({.kind = ModelSettings::Kind::clustering, .backbone = network}, 1).state_dict()) {
    if (name.starts_with("backbone.")) bare.push_back({name.substr(9), tensor});
  }
  write_safetensors(weights, bare, {{"format", "pt"}});
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
