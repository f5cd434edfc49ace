#include "nolabel/augment/settings.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(ViewSettings, TakeThePublishedKeys) {
  ViewSettings settings;
  Schema schema;
  declare(schema, settings);
  const auto set = [&](const char* name, const char* value) { schema.set(name, value, "test"); };
  set("augmentation_strategy", "ours");
  set("augmentation_kwargs.crop_size", "96");
  set("augmentation_kwargs.num_strong_augs", "3");
  set("augmentation_kwargs.cutout_kwargs.n_holes", "2");
  set("augmentation_kwargs.cutout_kwargs.length", "32");
  set("augmentation_kwargs.cutout_kwargs.random", "false");
  set("augmentation_kwargs.normalize.mean", "[0.485, 0.456, 0.406]");
  set("transformation_kwargs.crop_size", "64");
  set("transformation_kwargs.normalize.std", "[0.5, 0.25, 0.125]");

  const ViewRecipe training = training_recipe(settings);
  EXPECT_EQ(training.strategy, Strategy::ours);
  EXPECT_EQ(training.size, 96);
  EXPECT_EQ(training.strong_operations, 3);
  EXPECT_EQ(training.cutout.holes, 2);
  EXPECT_EQ(training.cutout.length, 32);
  EXPECT_FALSE(training.cutout.random);
  EXPECT_FLOAT_EQ(training.normalize.mean[2], 0.406f);
  EXPECT_FLOAT_EQ(training.normalize.std[0], 0.2023f);
  const ViewRecipe evaluation = evaluation_recipe(settings);
  EXPECT_EQ(evaluation.strategy, Strategy::evaluation);
  EXPECT_EQ(evaluation.size, 64);
  EXPECT_FLOAT_EQ(evaluation.normalize.std[2], 0.125f);
}

TEST(ViewSettings, TakeTheColorAndCropKeys) {
  ViewSettings settings;
  Schema schema;
  declare(schema, settings);
  const auto set = [&](const char* name, const char* value) {
    schema.set(std::string("augmentation_kwargs.") + name, value, "test");
  };
  set("random_resized_crop.size", "224");
  set("random_resized_crop.scale", "[0.3, 0.9]");
  set("random_resized_crop.ratio", "[0.5, 2]");
  set("color_jitter_random_apply.p", "0.7");
  set("color_jitter.brightness", "0.1");
  set("color_jitter.contrast", "0.2");
  set("color_jitter.saturation", "0.3");
  set("color_jitter.hue", "0.05");
  set("random_grayscale.p", "0.6");

  const ViewRecipe recipe = training_recipe(settings);
  EXPECT_EQ(recipe.size, 224);
  EXPECT_FLOAT_EQ(recipe.crop.scale_low, 0.3f);
  EXPECT_FLOAT_EQ(recipe.crop.scale_high, 0.9f);
  EXPECT_FLOAT_EQ(recipe.crop.ratio_low, 0.5f);
  EXPECT_FLOAT_EQ(recipe.crop.ratio_high, 2.0f);
  EXPECT_FLOAT_EQ(recipe.jitter.probability, 0.7f);
  EXPECT_EQ(recipe.jitter.brightness, factors_around_one(0.1f));
  EXPECT_EQ(recipe.jitter.contrast, factors_around_one(0.2f));
  EXPECT_EQ(recipe.jitter.saturation, factors_around_one(0.3f));
  EXPECT_EQ(recipe.jitter.hue, (FactorRange{-0.05f, 0.05f}));
  EXPECT_FLOAT_EQ(recipe.grayscale_probability, 0.6f);
}

TEST(ViewSettings, TakeTorchvisionsFurtherArguments) {
  ViewSettings settings;
  Schema schema;
  declare(schema, settings);
  const auto set = [&](const char* name, const char* value) {
    schema.set(std::string("augmentation_kwargs.") + name, value, "test");
  };
  set("random_resized_crop.interpolation", "3");
  set("color_jitter.brightness", "[0.5, 2]");
  set("color_jitter.hue", "[-0.1, 0.3]");
  const ViewRecipe recipe = training_recipe(settings);
  EXPECT_EQ(recipe.crop.interpolation, Interpolation::bicubic);
  EXPECT_EQ(recipe.jitter.brightness, (FactorRange{0.5f, 2}));
  EXPECT_EQ(recipe.jitter.hue, (FactorRange{-0.1f, 0.3f}));
  set("random_resized_crop.interpolation", "lanczos");
  EXPECT_EQ(training_recipe(settings).crop.interpolation, Interpolation::lanczos);
}

TEST(ViewSettings, TheUnsetScaleDependsOnTheStrategy) {
  ViewSettings settings;
  EXPECT_FLOAT_EQ(training_recipe(settings).crop.scale_low, 0.2f);
  settings.strategy = Strategy::standard;
  EXPECT_FLOAT_EQ(training_recipe(settings).crop.scale_low, 0.08f);
}

TEST(ViewSettings, ListsOfTheWrongLengthOrOrderAreRefused) {
  ViewSettings settings;
  settings.scale = {0.9f, 0.2f};
  EXPECT_THROW(training_recipe(settings), Error);
  settings.scale = {0.2f};
  EXPECT_THROW(training_recipe(settings), Error);
  settings = {};
  settings.jitter.hue = {-0.1f};
  EXPECT_THROW(training_recipe(settings), Error);
  settings.jitter.hue = {};
  EXPECT_THROW(training_recipe(settings), Error);
  settings.jitter.hue = {0.2f, -0.2f};
  EXPECT_THROW(training_recipe(settings), Error);
  settings = {};
  settings.normalize.mean = {0.5f};
  EXPECT_THROW(training_recipe(settings), Error);
}

}  // namespace
}  // namespace nolabel
