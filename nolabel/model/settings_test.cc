#include "nolabel/model/settings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(NetworkSettings, AreReadUnderThePublishedNames) {
  NetworkSettings settings;
  Schema schema;
  declare(schema, settings);
  EXPECT_EQ(schema.text(*schema.find("stem")), "auto");
  schema.set("backbone", "resnet50", "test");
  schema.set("stem", "imagenet", "test");
  schema.set("model_kwargs.head", "linear", "test");
  schema.set("model_kwargs.features_dim", "64", "test");
  schema.set("width", "32", "test");
  schema.check();
  const ModelSettings model = contrastive_network(settings, 32);
  EXPECT_EQ(model.backbone,
            (BackboneDescription{"resnet50",
                                 {{"stem", "imagenet"}, {"width", "32"}, {"stem_stride", "1"}}}));
  EXPECT_EQ(model.head, HeadKind::linear);
  EXPECT_EQ(model.embedding_dimensions, 64);
  EXPECT_THROW(schema.set("stem_stride", "3", "test"), Error);
  EXPECT_THROW(schema.set("backbone", "identity", "test"), Error);
}

TEST(NetworkSettings, RefuseAParameterOfAnotherArchitecture) {
  NetworkSettings settings;
  Schema schema;
  declare(schema, settings);
  schema.set("backbone", "efficientnet-lite0", "test");
  schema.check();
  schema.set("width", "32", "test");
  EXPECT_THROW(schema.check(), Error);
}

// What earlier versions wrote beside a model, so that it is recognised as made the same way.
TEST(NetworkSettings, HaveTheValuesOfEarlierProvenance) {
  const ModelSettings model = contrastive_network(NetworkSettings(), 96);
  EXPECT_EQ(network_values(model).dump(),
            R"({"backbone":"resnet18","model_kwargs":{"features_dim":128,"head":"mlp"},)"
            R"("stem":"stl","stem_stride":1,"width":64})");
}

TEST(SettledFor, GoesByTheImageSize) {
  const auto stem = [](const char* architecture, const char* wanted, int image_size) {
    return settled_for({architecture, {{"stem", wanted}}}, image_size).parameters.at("stem");
  };
  EXPECT_EQ(stem("resnet18", "auto", 32), "cifar");
  EXPECT_EQ(stem("resnet18", "auto", 96), "stl");
  EXPECT_EQ(stem("resnet18", "auto", 224), "imagenet");
  EXPECT_EQ(stem("resnet50", "auto", 96), "imagenet");
  EXPECT_EQ(stem("resnet18", "stl", 32), "stl");
}

}  // namespace
}  // namespace nolabel
