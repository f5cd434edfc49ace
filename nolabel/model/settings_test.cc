#include "nolabel/model/settings.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(ModelSettings, AreReadUnderThePublishedNames) {
  ModelSettings settings;
  Schema schema;
  declare(schema, settings);
  EXPECT_EQ(settings.backbone.stem, Stem::automatic);
  schema.set("backbone", "resnet50", "test");
  schema.set("stem", "imagenet", "test");
  schema.set("model_kwargs.head", "linear", "test");
  schema.set("model_kwargs.features_dim", "64", "test");
  schema.set("width", "32", "test");
  EXPECT_EQ(settings.backbone, (BackboneSettings{BackboneKind::resnet50, Stem::imagenet, 32, 1}));
  EXPECT_EQ(settings.head, HeadKind::linear);
  EXPECT_EQ(settings.embedding_dimensions, 64);
  EXPECT_THROW(schema.set("stem_stride", "3", "test"), Error);
}

TEST(ChooseStem, GoesByTheImageSize) {
  constexpr auto r18 = BackboneKind::resnet18, r50 = BackboneKind::resnet50;
  EXPECT_EQ(choose_stem(Stem::automatic, r18, 32), Stem::cifar);
  EXPECT_EQ(choose_stem(Stem::automatic, r18, 96), Stem::stl);
  EXPECT_EQ(choose_stem(Stem::automatic, r18, 224), Stem::imagenet);
  EXPECT_EQ(choose_stem(Stem::automatic, r50, 96), Stem::imagenet);
  EXPECT_EQ(choose_stem(Stem::stl, r18, 32), Stem::stl);
}

}  // namespace
}  // namespace nolabel
