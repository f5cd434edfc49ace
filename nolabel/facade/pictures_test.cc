// Features and views of pictures, in memory and in files.
#include "nolabel/pictures.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "nolabel/declarations.h"
#include "nolabel/facade/test_run.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

using testing::Contains;
using testing::Field;

Image small_picture(int label, int number) {
  return colored_picture(32 + number, 40, label, number);
}

class PicturesTest : public RunTest {
 protected:
  static constexpr int per_class = 3;

  void SetUp() override {
    RunTest::SetUp();
    write_pictures(per_class, small_picture);
    const Model model({.backbone = testing_models::slim_backbone()}, 1);
    write_safetensors(backbone, model.state_dict(), {{"image_size", "32"}});
  }

  const std::filesystem::path backbone = root / "backbone.safetensors";
  const Compute compute{.device = "cpu", .precision = "fp32", .threads = 1};
};

TEST_F(PicturesTest, HaveTheSameFeaturesInMemoryAndInFiles) {
  const EmbedResult files = embed({.images = {root / "pictures"},
                                   .backbone = backbone.string(),
                                   .compute = compute,
                                   .settings = {{"feature_cache", "0"}}});
  ASSERT_EQ(files.paths.size(), 9u);
  EXPECT_EQ(files.paths[1], "0/1.png");
  EXPECT_EQ(files.labels[8], 2);
  EXPECT_EQ(files.class_names.size(), 3u);

  const Embedder embedder(backbone.string(), 0, compute);
  EXPECT_EQ(embedder.image_size(), 32);
  EXPECT_EQ(embedder.dimensions(), files.features.columns);
  std::vector<Image> pictures;
  std::vector<ImageView> views_of_pictures;
  for (const std::string& path : files.paths) {
    pictures.push_back(read_picture(root / "pictures" / path));
  }
  for (const Image& one : pictures) views_of_pictures.push_back(one.view());
  EXPECT_EQ(embedder.embed(views_of_pictures).values, files.features.values);
  EXPECT_EQ(embedder.embed({}).rows, 0);
}

TEST_F(PicturesTest, SayWhatIsWrong) {
  EXPECT_EQ(fault_of([] { Embedder("", 0); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { Embedder((root / "none.pth").string()); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { embed({.backbone = backbone.string()}); }), Fault::usage);
  const Embedder embedder(backbone.string(), 0, compute);
  EXPECT_EQ(fault_of([&] { embedder.embed(std::vector{ImageView{}}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { read_picture(root); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { read_picture(backbone); }), Fault::data);
  const Image image = small_picture(0, 0);
  EXPECT_EQ(fault_of([&] { views(image.view(), {.recipe = "strong"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { views(image.view(), {.size = 0}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] {
              views(image.view(), {.settings = {{"augmentation", "1"}}});
            }),
            Fault::usage);
  EXPECT_EQ(fault_of([] { views(ImageView{}, {}); }), Fault::usage);
}

TEST(Views, AreDrawnFromTheSeed) {
  const Image image = small_picture(1, 2);
  const ViewsOptions options{.recipe = "ours", .size = 24, .count = 3, .seed = 7};
  const std::vector<Image> first = views(image.view(), options);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].height, 24);
  EXPECT_EQ(first[1].pixels, views(image.view(), options)[1].pixels);
  EXPECT_NE(first[0].pixels, first[1].pixels);
  ViewsOptions other = options;
  other.seed = 8;
  EXPECT_NE(first[0].pixels, views(image.view(), other)[0].pixels);
}

TEST(Views, AreThoseThatTheNetworkSees) {
  const Image image = small_picture(0, 1);
  const ViewsOptions options{.size = 16, .count = 2};
  const std::vector<Image> shown = views(image.view(), options);
  const Matrix<float> seen = normalized_views(image.view(), options);
  ASSERT_EQ(seen.columns, 16 * 16 * 3);
  constexpr double mean[] = {0.4914, 0.4822, 0.4465}, deviation[] = {0.2023, 0.1994, 0.2010};
  for (size_t i = 0; i < shown[1].pixels.size(); ++i) {
    const double level = (double{seen.row(1)[i]} * deviation[i % 3] + mean[i % 3]) * 255;
    EXPECT_NEAR(shown[1].pixels[i], level, 0.51);
  }
}

TEST(Declarations, AreThoseOfTheProgram) {
  EXPECT_THAT(declared_calls(), Contains("scan"));
  const std::vector<Declaration> declared = declarations("scan");
  EXPECT_THAT(declared, Contains(Field(&Declaration::name, "optimizer_kwargs.lr")));
  const auto optimizer = std::ranges::find(declared, std::string("optimizer"), &Declaration::name);
  ASSERT_NE(optimizer, declared.end());
  EXPECT_EQ(optimizer->type, Declaration::Type::choice);
  EXPECT_EQ(optimizer->choices, (std::vector<std::string>{"sgd", "adam", "adamw"}));
  EXPECT_EQ(optimizer->default_text, "adam");
  for (const std::string& call : declared_calls()) EXPECT_FALSE(declarations(call).empty());
}

}  // namespace
}  // namespace nolabel
