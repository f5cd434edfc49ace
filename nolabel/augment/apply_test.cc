#include "nolabel/augment/apply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "nolabel/augment/color_step.h"
#include "nolabel/augment/golden.h"
#include "nolabel/augment/passes.h"
#include "nolabel/augment/strong.h"

namespace nolabel {
namespace {

// Levels, as a normalisation with mean 0 and std 1/255 leaves them.
std::vector<uint8_t> levels_of(const std::vector<float>& view) {
  std::vector<uint8_t> levels;
  for (float x : view) levels.push_back(static_cast<uint8_t>(x + 0.5f));
  return levels;
}

// One operation on a whole image, which need not be square.
void apply_named(const std::string& name, float magnitude, Frame& frame, Frame& spare) {
  if (name == "grayscale") return grayscale_pass(frame.all());
  if (!name.starts_with("jitter_")) {
    return apply_strong({golden::strong_kind(name), magnitude}, frame, spare);
  }
  apply_color({golden::adjustment(name), magnitude}, frame.all());
}

TEST(Operations, GiveTheLevelsOfPillow) {
  const std::vector<Image> images = golden::images();
  std::ifstream pixels = golden::open("operations.rgb");
  int cases = 0;
  for (auto& line : golden::lines("operations.txt")) {
    size_t index;
    std::string name;
    float magnitude;
    line >> index >> name >> magnitude;
    const Image& image = images.at(index);
    std::vector<Pixel> memory(image.pixels.size() / 3), scratch(memory.size());
    Frame frame{memory.data(), image.height, image.width};
    Frame spare{scratch.data(), image.height, image.width};
    load(image.view(), false, frame);
    apply_named(name, magnitude, frame, spare);

    const auto expected = golden::take<uint8_t>(pixels, image.pixels.size());
    std::vector<uint8_t> actual;
    for (Pixel p : frame.all()) {
      const Rgb c = unpack(p);
      for (int level : {c.r, c.g, c.b}) actual.push_back(static_cast<uint8_t>(level));
    }
    EXPECT_EQ(actual, expected) << line.str();
    ++cases;
  }
  EXPECT_GT(cases, 150);
}

ViewParameters read_parameters(std::istringstream& line) {
  ViewParameters view;
  for (std::string word; line >> word;) {
    if (word == "crop") {
      line >> view.crop.left >> view.crop.top >> view.crop.width >> view.crop.height;
    } else if (word == "flip") {
      line >> view.flip;
    } else if (word == "grayscale") {
      view.grayscale = true;
    } else if (word == "color") {
      ColorStep& step = view.color.at(view.color_steps++);
      line >> word >> step.factor;
      step.adjustment = golden::adjustment(word);
    } else if (word == "strong") {
      StrongOperation& operation = view.strong.at(view.strong_operations++);
      line >> word >> operation.magnitude;
      operation.kind = golden::strong_kind(word);
    } else if (word == "hole") {
      Hole& hole = view.hole.at(view.holes++);
      line >> hole.top >> hole.bottom >> hole.left >> hole.right;
    }
  }
  return view;
}

TEST(ApplyView, GivesTheFloatsOfTorchvision) {
  const std::vector<Image> images = golden::images();
  std::ifstream floats = golden::open("views.f32");
  int cases = 0;
  for (auto& line : golden::lines("views.txt")) {
    size_t index;
    ViewRecipe recipe;
    line >> index >> recipe.size;
    const size_t count = static_cast<size_t>(recipe.size) * recipe.size * 3;
    std::vector<float> actual(count);
    apply_view(images.at(index).view(), recipe, read_parameters(line), actual.data());
    EXPECT_EQ(actual, golden::take<float>(floats, count)) << line.str();
    ++cases;
  }
  EXPECT_EQ(cases, 16);
}

TEST(ApplyView, EnlargesASmallImageToTheShortSide) {
  Image image(4, 6);
  std::fill(image.pixels.begin(), image.pixels.end(), uint8_t{90});
  const ViewRecipe recipe{.size = 8,
                          .normalize = {{0, 0, 0}, {1 / 255.0f, 1 / 255.0f, 1 / 255.0f}}};
  std::vector<float> view(8 * 8 * 3);
  const ViewParameters parameters{.enlarge = true, .crop = {.left = 4, .width = 8, .height = 8}};
  apply_view(image.view(), recipe, parameters, view.data());
  EXPECT_EQ(levels_of(view), std::vector<uint8_t>(8 * 8 * 3, 90));
}

TEST(ApplyView, ResizesTheCropWithTheFilterOfTheRecipe) {
  Image image(9, 9);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 37);
  ViewRecipe recipe{.size = 5, .normalize = {{0, 0, 0}, {1 / 255.0f, 1 / 255.0f, 1 / 255.0f}}};
  const ViewParameters whole{.crop = {.width = 9, .height = 9}};
  for (const auto filter :
       {Interpolation::bilinear, Interpolation::nearest, Interpolation::bicubic}) {
    recipe.crop.interpolation = filter;
    std::vector<float> view(5 * 5 * 3);
    apply_view(image.view(), recipe, whole, view.data());
    Image expected(5, 5);
    ResizeScratch scratch;
    resize_into(image.view(), {0, 0, 9, 9}, 5, 5, expected.pixels.data(), scratch, filter);
    EXPECT_EQ(levels_of(view), expected.pixels);
  }
}

}  // namespace
}  // namespace nolabel
