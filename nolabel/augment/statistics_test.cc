// Random recipes against torchvision's (and the strong recipe written with Pillow): means over many
// views must agree within their standard errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "nolabel/augment/golden.h"
#include "nolabel/augment/view.h"

namespace nolabel {
namespace {

using Quantities = std::map<std::string, double>;

constexpr int views = 8'000;

// Mean over the values that use(x, y, c) picks.
template <class Use>
double mean_of(const std::vector<float>& view, Use use) {
  const int size = static_cast<int>(std::lround(std::sqrt(view.size() / 3)));
  double sum = 0;
  int count = 0;
  for (int y = 0, i = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      for (int c = 0; c < 3; ++c, ++i) {
        if (!use(x, y, c)) continue;
        sum += view[i];
        ++count;
      }
    }
  }
  return sum / count;
}

bool is_gray(const std::vector<float>& view, const Normalize& n) {
  for (size_t i = 0; i < view.size(); i += 3) {
    float level[3];
    for (int c = 0; c < 3; ++c) level[c] = (view[i + c] * n.std[c] + n.mean[c]) * 255;
    if (*std::max_element(level, level + 3) - *std::min_element(level, level + 3) >= 0.5f) {
      return false;
    }
  }
  return true;
}

// The same list as view_quantities in tools/golden/augment.py.
Quantities view_quantities(const std::vector<float>& view, const ViewRecipe& recipe) {
  const int half = recipe.size / 2;
  const double mean = mean_of(view, [](int, int, int) { return true; });
  double squares = 0;
  int zeros = 0;
  for (float x : view) squares += (x - mean) * (x - mean);
  for (size_t i = 0; i < view.size(); i += 3) {
    zeros += view[i] == 0 && view[i + 1] == 0 && view[i + 2] == 0;
  }
  const double left = mean_of(view, [&](int x, int, int) { return x < half; });
  const double right = mean_of(view, [&](int x, int, int) { return x >= half; });
  const double red = mean_of(view, [](int, int, int c) { return c == 0; });
  const double blue = mean_of(view, [](int, int, int c) { return c == 2; });
  return {{"mean", mean},
          {"mean_squared", mean * mean},
          {"deviation", std::sqrt(squares / view.size())},
          {"right_brighter", right > left},
          {"gray", is_gray(view, recipe.normalize)},
          {"corner", mean_of(view, [](int x, int y, int) { return x == 0 && y == 0; })},
          {"red_minus_blue", red - blue},
          {"zeros", zeros * 3.0 / view.size()}};
}

Quantities crop_quantities(const CropBox& box, ImageView image) {
  const double area = double(box.width) * box.height / (double(image.width) * image.height);
  const double log_ratio = std::log(double(box.width) / box.height);
  return {{"area", area},           {"area_squared", area * area},
          {"log_ratio", log_ratio}, {"log_ratio_squared", log_ratio * log_ratio},
          {"left", box.left},       {"top", box.top}};
}

ViewRecipe recipe_named(const std::string& name) {
  ViewRecipe recipe{.size = 32};
  recipe.strategy = name == "ours"               ? Strategy::ours
                    : name.ends_with("standard") ? Strategy::standard
                                                 : Strategy::simclr;
  if (recipe.strategy == Strategy::standard) recipe.crop.scale_low = 0.08f;
  return recipe;
}

// Mean and standard error of each quantity.
struct Estimate {
  double mean, error;
};
std::map<std::string, Estimate> measure(const std::function<Quantities(uint32_t position)>& draw) {
  Quantities sums, squares;
  for (uint32_t i = 0; i < views; ++i) {
    for (const auto& [name, value] : draw(i)) {
      sums[name] += value;
      squares[name] += value * value;
    }
  }
  std::map<std::string, Estimate> result;
  for (const auto& [name, sum] : sums) {
    const double mean = sum / views;
    const double variance = std::max(0.0, squares[name] / views - mean * mean);
    result[name] = {mean, std::sqrt(variance / views)};
  }
  return result;
}

TEST(Statistics, AreThoseOfTorchvision) {
  const std::vector<Image> images = golden::images();
  std::map<std::string, std::map<std::string, Estimate>> measured;
  for (auto& line : golden::lines("statistics.txt")) {
    std::string name, quantity;
    Estimate expected;
    line >> name >> quantity >> expected.mean >> expected.error;
    if (!measured.contains(name)) {
      const ViewRecipe recipe = recipe_named(name);
      const bool crops = name.starts_with("crop_");
      const ImageView image = images[crops ? 1 : 0].view();
      std::vector<float> view(static_cast<size_t>(recipe.size) * recipe.size * 3);
      measured[name] = measure([&](uint32_t position) {
        const ViewKey key{.seed = 3, .position = position};
        if (crops) {
          return crop_quantities(draw_view(recipe, key, image.height, image.width).crop, image);
        }
        make_view(image, key, recipe, view.data());
        return view_quantities(view, recipe);
      });
    }
    const Estimate actual = measured[name].at(quantity);
    EXPECT_NEAR(actual.mean, expected.mean, 4 * std::hypot(actual.error, expected.error))
        << name << " " << quantity;
  }
  EXPECT_EQ(measured.size(), 5u);
}

}  // namespace
}  // namespace nolabel
