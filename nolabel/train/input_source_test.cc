#include "nolabel/train/input_source.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include "nolabel/model/model_testing.h"

#include <cmath>

namespace nolabel {
namespace {

constexpr int64_t source_images = 3;

// Images of different sizes with a pattern that no crop leaves alone.
Dataset some_images() {
  std::vector<Image> pictures;
  std::vector<std::string> names;
  for (int i = 0; i < source_images; ++i) {
    Image image(20 + i, 24);
    for (size_t p = 0; p < image.pixels.size(); ++p) {
      image.pixels[p] = static_cast<uint8_t>(p * p * (7 + i) % 251);
    }
    pictures.push_back(std::move(image));
    names.push_back(std::to_string(i));
  }
  return make_dataset(pictures, names);
}

const ViewRecipe recipe{.strategy = Strategy::simclr, .size = 16};

at::Tensor view_of(const InputSource& source, int epoch, const ViewOf& view) {
  return source.gather(epoch, std::vector{view})[0];
}

TEST(ImageViews, AreChannelsLastAndIndependentOfThreadsAndNeighbors) {
  const Dataset dataset = some_images();
  const ImageViews one(dataset, recipe, 5, StageNumber::scan, 1);
  const ImageViews three(dataset, recipe, 5, StageNumber::scan, 3);
  const std::vector<ViewOf> wanted{{0, 10, 0}, {2, 11, 0}, {1, 12, 1}, {2, 13, 1}};
  const at::Tensor views = one.gather(4, wanted);
  EXPECT_EQ(views.sizes(), at::IntArrayRef({4, 3, 16, 16}));
  EXPECT_EQ(views.scalar_type(), at::kFloat);
  EXPECT_TRUE(views.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(views.equal(three.gather(4, wanted)));
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_TRUE(views[static_cast<int64_t>(i)].equal(view_of(three, 4, wanted[i])));
  }
  EXPECT_EQ(one.size(), source_images);
}

// An image as its own neighbor, drawn by another anchor, in another epoch, stage or run.
TEST(ImageViews, OfOneImageDiffer) {
  const Dataset dataset = some_images();
  const ImageViews source(dataset, recipe, 5, StageNumber::scan, 1);
  const at::Tensor view = view_of(source, 4, {1, 10, 0});
  EXPECT_FALSE(view.equal(view_of(source, 4, {1, 10, 1})));
  EXPECT_FALSE(view.equal(view_of(source, 4, {1, 11, 0})));
  EXPECT_FALSE(view.equal(view_of(source, 5, {1, 10, 0})));
  const ImageViews stage(dataset, recipe, 5, StageNumber::selflabel, 1);
  const ImageViews seed(dataset, recipe, 6, StageNumber::scan, 1);
  EXPECT_FALSE(view.equal(view_of(stage, 4, {1, 10, 0})));
  EXPECT_FALSE(view.equal(view_of(seed, 4, {1, 10, 0})));
}

TEST(ImageViews, OfTheEvaluationRecipeAreAlwaysTheSame) {
  const Dataset dataset = some_images();
  const ImageViews source(dataset, evaluation_recipe(recipe), 5, StageNumber::selflabel, 1);
  EXPECT_TRUE(view_of(source, 4, {1, 10, 0}).equal(view_of(source, 7, {1, 11, 1})));
}

// [V,N,1] with the value 10 v + n.
at::Tensor numbered(int64_t views) {
  return (10 * at::arange(views).view({-1, 1, 1}) + at::arange(source_images).view({1, -1, 1}))
      .to(at::kFloat);
}

TEST(CachedFeatures, AreOfOneOfTheDrawnViewsUniformly) {
  constexpr int64_t views = 4, draws = 4000;
  const CachedFeatures source(numbered(views), 5, StageNumber::scan);
  EXPECT_EQ(source.size(), source_images);
  std::vector<ViewOf> wanted;
  for (int64_t i = 0; i < draws; ++i) wanted.push_back({i % source_images, i, 0});
  const at::Tensor rows = source.gather(0, wanted);
  EXPECT_EQ(rows.sizes(), at::IntArrayRef({draws, 1}));
  EXPECT_TRUE(
      rows.flatten().remainder(10).equal(at::arange(draws).remainder(source_images).to(rows)));
  const at::Tensor counts = at::bincount(rows.flatten().div(10).floor().to(at::kLong), {}, views);
  const double expected = draws / 4.0, deviation = std::sqrt(expected * 0.75);
  for (int64_t v = 0; v < views; ++v) {
    EXPECT_NEAR(counts[v].item<double>(), expected, 4 * deviation) << v;
  }
}

TEST(CachedFeatures, AreDrawnAnewByEpochPositionRoleAndStage) {
  const CachedFeatures scan(numbered(1000), 5, StageNumber::scan);
  const CachedFeatures selflabel(numbered(1000), 5, StageNumber::selflabel);
  const at::Tensor row = view_of(scan, 4, {1, 10, 0});
  EXPECT_TRUE(row.equal(view_of(scan, 4, {1, 10, 0})));
  EXPECT_FALSE(row.equal(view_of(scan, 5, {1, 10, 0})));
  EXPECT_FALSE(row.equal(view_of(scan, 4, {1, 11, 0})));
  EXPECT_FALSE(row.equal(view_of(scan, 4, {1, 10, 1})));
  EXPECT_FALSE(row.equal(view_of(selflabel, 4, {1, 10, 0})));
}

TEST(CachedFeatures, AreTheFeatures) {
  const CachedFeatures source(numbered(1), 5, StageNumber::scan);
  Model model({.backbone = testing_models::slim_backbone()}, 0);
  const at::Tensor rows = source.gather(0, std::vector<ViewOf>{{2, 0, 0}, {0, 1, 1}});
  EXPECT_TRUE(rows.equal(at::tensor({2.0f, 0.0f}).view({2, 1})));
  EXPECT_TRUE(source.features(model, rows, ForwardMode::train).equal(rows));
}

}  // namespace
}  // namespace nolabel
