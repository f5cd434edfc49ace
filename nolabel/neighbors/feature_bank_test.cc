#include "nolabel/neighbors/feature_bank.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr int kSide = 8;

// Images whose pixels depend on their index and place.
Dataset some_images(int count) {
  std::vector<Image> images;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    Image& image = images.emplace_back(kSide, kSide);
    for (size_t j = 0; j < image.pixels.size(); ++j) {
      image.pixels[j] = static_cast<uint8_t>(i * 37 + static_cast<int>(j * j));
    }
    names.push_back("image" + std::to_string(i));
  }
  return make_dataset(images, names);
}

Model small_model() {
  ModelSettings settings;
  settings.backbone.width = 8;
  settings.embedding_dimensions = 6;
  Model model(settings, 1);
  model.place(at::kCPU, Precision::fp32);
  return model;
}

BankOptions options_for(Strategy strategy) {
  BankOptions options;
  options.recipe.size = kSide;
  options.recipe.strategy = strategy;
  options.batch_size = 3;
  return options;
}

// One image at a time through view and model.
at::Tensor features_one_by_one(Model& model, const Dataset& dataset, const BankOptions& options,
                               uint32_t epoch) {
  const c10::NoGradGuard no_gradient;
  std::vector<at::Tensor> rows;
  for (uint32_t i = 0; i < dataset.size(); ++i) {
    at::Tensor view = at::empty({1, kSide, kSide, 3}, at::kFloat);
    const ViewKey key{options.key.seed, options.key.stage, epoch, i, options.key.role};
    const DatasetImage image = dataset.image(i);
    make_view(image.view(), key, options.recipe, view.mutable_data_ptr<float>());
    rows.push_back(model.features(view.permute({0, 3, 1, 2}), BatchNormMode::eval));
  }
  return at::cat(rows);
}

TEST(FeatureBank, HoldsEachImagesFeaturesInOrder) {
  Model model = small_model();
  const Dataset dataset = some_images(7);
  const BankOptions options = options_for(Strategy::evaluation);
  const at::Tensor bank = extract(model, dataset, options, {});
  EXPECT_EQ(bank.sizes(), at::IntArrayRef({7, 64}));
  EXPECT_EQ(bank.scalar_type(), at::kFloat);
  EXPECT_FALSE(bank.requires_grad());
  EXPECT_TRUE(at::allclose(bank, features_one_by_one(model, dataset, options, 0), 1e-4, 1e-5));
}

TEST(FeatureBank, HoldsEmbeddingsOfUnitLength) {
  Model model = small_model();
  const Dataset dataset = some_images(5);
  BankOptions options = options_for(Strategy::evaluation);
  const at::Tensor features = extract(model, dataset, options, {});
  options.output = BankOutput::embeddings;
  const at::Tensor bank = extract(model, dataset, options, {});
  EXPECT_TRUE(at::allclose(bank, model.embeddings(features), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(bank.norm(2, {1}), at::ones({5})));
}

TEST(FeatureBank, DrawsOneViewPerEpoch) {
  Model model = small_model();
  const Dataset dataset = some_images(4);
  BankOptions options = options_for(Strategy::simclr);
  options.key = {.seed = 5, .stage = 2, .epoch = 3, .role = 1};
  const at::Tensor bank = extract_views(model, dataset, options, 2, {});
  for (int v = 0; v < 2; ++v) {
    EXPECT_TRUE(
        at::allclose(bank[v], features_one_by_one(model, dataset, options, 3 + v), 1e-4, 1e-5));
  }
  EXPECT_FALSE(at::allclose(bank[0], bank[1], 1e-3, 1e-3));
}

TEST(FeatureBank, ReportsProgressAndStopsOnRequest) {
  Model model = small_model();
  const Dataset dataset = some_images(7);
  Observer observer;
  std::vector<int64_t> done;
  std::string last;
  observer.progress = [&](const Progress& progress) {
    done.push_back(progress.done);
    last = progress.stage + ", " + progress.unit;
  };
  extract(model, dataset, options_for(Strategy::evaluation), observer);
  EXPECT_EQ(done, (std::vector<int64_t>{3, 6, 7}));
  EXPECT_EQ(last, "embedding the images, images");
  BankOptions drawn = options_for(Strategy::simclr);
  drawn.purpose = "embedding two views of each";
  extract_views(model, dataset, drawn, 2, observer);
  EXPECT_EQ(done.back(), 14);
  EXPECT_EQ(last, "embedding two views of each, views");
  observer.cancel.request();
  EXPECT_THROW(extract(model, dataset, options_for(Strategy::evaluation), observer), Error);
}

}  // namespace
}  // namespace nolabel
