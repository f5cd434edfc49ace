#include "nolabel/model/recognise.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

using testing::HasSubstr;
using namespace testing_models;

StateDict weights_of(const BackboneDescription& backbone) {
  return Model({.kind = ModelSettings::Kind::contrastive, .backbone = backbone}, 1).state_dict();
}

BackboneDescription recognised(const StateDict& state, const Statements& statements = {},
                               int image_size = 0) {
  return recognise_backbone(state, statements, image_size, "f.pth").network;
}

template <class Call>
std::string message_of(Fault fault, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(RecogniseBackbone, OfEveryArchitecture) {
  for (const std::string& name : architecture_names()) {
    BackboneDescription backbone = completed({name, {}});
    if (name.starts_with("resnet")) backbone.parameters["width"] = "8";
    EXPECT_EQ(recognised(weights_of(backbone)), backbone) << name;
  }
}

TEST(RecogniseBackbone, StatementsComeBack) {
  const BackboneDescription backbone = slim_backbone("cifar", 2);
  Preprocessing views = preprocessing(backbone, 48);
  views.mean = {0.25f, 0.5f, 0.125f};
  const Statements statements = backbone_statements(backbone, views, labels_none);
  EXPECT_EQ(statements.at("architecture"), "resnet18");
  const RecognisedBackbone read = recognise_backbone(weights_of(backbone), statements, 0, "f.pth");
  EXPECT_EQ(read.network, backbone);
  EXPECT_EQ(read.views.view_size, 48);
  EXPECT_EQ(read.views.mean, views.mean);
  EXPECT_EQ(read.views.std, views.std);
  EXPECT_EQ(read.labels, "none");
  EXPECT_EQ(read.assumption, "");
}

TEST(RecogniseBackbone, TakesHowPicturesAreResized) {
  const BackboneDescription backbone = slim_backbone("stl");
  Preprocessing views = preprocessing(backbone, 96);
  const auto read = [&](const Statements& statements, int image_size) {
    return recognise_backbone(weights_of(backbone), statements, image_size, "f.pth").views;
  };
  EXPECT_FALSE(backbone_statements(backbone, views, "").contains("short_side"));  // as published
  views.pictures = {
      .short_side = 120, .enlarge = true, .squash = true, .interpolation = Interpolation::hamming};
  const Statements statements = backbone_statements(backbone, views, "");
  EXPECT_EQ(read(statements, 0).pictures, views.pictures);
  EXPECT_EQ(read(statements, 48).pictures.short_side, 60);  // in proportion
  EXPECT_EQ(read(statements, 48).view_size, 48);
  // Some alone: the rest is as published.
  EXPECT_EQ(read({{"image_size", "96"}, {"squash", "yes"}}, 0).pictures.short_side, 110);
}

// Files of earlier versions say no architecture, width or labels.
TEST(RecogniseBackbone, ReadsEarlierStatements) {
  const RecognisedBackbone read =
      recognise_backbone(weights_of(slim_backbone("stl")),
                         {{"image_size", "96"}, {"stem", "stl"}, {"stem_stride", "1"}}, 0, "f.pth");
  EXPECT_EQ(read.network, slim_backbone("stl"));
  EXPECT_EQ(read.labels, "");
  EXPECT_EQ(recognised({}, {{"kind", "identity"}, {"width", "12"}}), given_features(12));
}

TEST(RecogniseBackbone, StatementsOfWhatTheWeightsTellDoNotChangeTheHash) {
  const BackboneDescription backbone = slim_backbone();
  const Statements statements = backbone_statements(backbone, preprocessing(backbone), labels_none);
  std::vector<std::string> names;
  for (const auto& [name, value] : statements_beside_weights(statements)) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("image_size", "mean", "std", "stem", "stem_stride"));
}

TEST(RecogniseBackbone, ListsTheTensorsOfAnotherNetwork) {
  StateDict state = weights_of(slim_backbone());
  state.push_back({"backbone.layer1.2.conv1.weight", at::ones({1, 1, 3, 3})});  // of a resnet34
  EXPECT_THAT(message_of(Fault::usage, [&] { recognised(state); }),
              HasSubstr("resnet18 (cifar stem, width 8), but differs: "
                        "backbone.layer1.2.conv1.weight is unexpected"));
  EXPECT_THAT(message_of(Fault::usage,
                         [] {
                           recognised({{"fc.weight", at::ones({2, 2})}});
                         }),
              HasSubstr("None of them is in f.pth, which holds fc.weight."));
}

// A network without one of these tensors, or with one more, computes something else.
TEST(RecogniseBackbone, ComparesBiasesAndScales) {
  StateDict missing = weights_of(slim_backbone()), more = missing;
  std::erase_if(missing, [](const auto& entry) { return entry.name == "backbone.bn1.bias"; });
  EXPECT_THAT(message_of(Fault::usage, [&] { recognised(missing); }),
              HasSubstr("but differs: backbone.bn1.bias is missing"));
  more.push_back({"backbone.layer1.0.norm.weight", at::ones({8})});
  EXPECT_THAT(message_of(Fault::usage, [&] { recognised(more); }),
              HasSubstr("but differs: backbone.layer1.0.norm.weight is unexpected"));
}

TEST(RecogniseBackbone, RefusesStatementsThatDoNotFit) {
  const StateDict state = weights_of(slim_backbone());
  for (const Statements& statements :
       {Statements{{"stem", "imagenet"}}, Statements{{"stem", "round"}},
        Statements{{"stem_stride", "2px"}}, Statements{{"image_size", "96px"}},
        Statements{{"architecture", "resnet50"}}, Statements{{"mean", "1 2"}, {"std", "1 1 1"}},
        Statements{{"short_side", "31"}, {"image_size", "32"}}, Statements{{"squash", "true"}},
        Statements{{"interpolation", "2"}}}) {
    EXPECT_THAT(message_of(Fault::data, [&] { recognised(state, statements); }),
                HasSubstr("f.pth must state"));
  }
}

TEST(RequirePublished, ListsTheTensorsOfAnotherStem) {
  const auto check = [](const BackboneDescription& backbone, const char* name, int image_size) {
    require_published(name, image_size, backbone, weights_of(backbone), "f.pth");
  };
  check(slim_backbone("cifar"), "resnet18", 32);
  check(slim_backbone("stl"), "resnet18", 32);  // the same weights
  check(slim_resnet50(), "resnet50", 224);
  EXPECT_THAT(message_of(Fault::usage, [&] { check(slim_backbone("imagenet"), "resnet18", 32); }),
              HasSubstr("backbone.conv1.weight [8,3,7,7] instead of [8,3,3,3]"));
  EXPECT_THAT(message_of(Fault::usage, [&] { check(slim_resnet50(), "resnet18", 224); }),
              HasSubstr("backbone.layer1.0.conv1.weight"));
}

}  // namespace
}  // namespace nolabel
