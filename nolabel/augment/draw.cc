#include "nolabel/augment/draw.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"

namespace nolabel {

namespace {

double uniform(Random& random, double low, double high) {
  return low + (high - low) * random.uniform_double();
}

// Half to even, as Python's round.
int round_to_int(double value) {
  return static_cast<int>(std::nearbyint(value));
}

// When ten tries found no box: the largest centred one whose ratio is allowed.
CropBox central_crop(const RandomResizedCrop& crop, int height, int width) {
  const double ratio = static_cast<double>(width) / height;
  CropBox box{.width = width, .height = height};
  if (ratio < crop.ratio_low) box.height = round_to_int(width / crop.ratio_low);
  if (ratio > crop.ratio_high) box.width = round_to_int(height * crop.ratio_high);
  box.width = std::clamp(box.width, 1, width);
  box.height = std::clamp(box.height, 1, height);
  box.left = (width - box.width) / 2;
  box.top = (height - box.height) / 2;
  return box;
}

// torchvision's RandomResizedCrop: area uniform, ratio uniform in its logarithm, ten tries.
CropBox draw_resized_crop(const RandomResizedCrop& crop, int height, int width, Random& random) {
  const double log_low = std::log(crop.ratio_low), log_high = std::log(crop.ratio_high);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area =
        static_cast<double>(height) * width * uniform(random, crop.scale_low, crop.scale_high);
    const double ratio = std::exp(uniform(random, log_low, log_high));
    const int w = round_to_int(std::sqrt(area * ratio));
    const int h = round_to_int(std::sqrt(area / ratio));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const int top = static_cast<int>(random.below(height - h + 1));
    const int left = static_cast<int>(random.below(width - w + 1));
    return {.left = left, .top = top, .width = w, .height = h};
  }
  return central_crop(crop, height, width);
}

// torchvision's ColorJitter: a factor for each adjustment that is on, in random order.
void draw_jitter(const ColorJitter& jitter, Random& random, ViewParameters& view) {
  const auto add = [&](ColorAdjustment adjustment, const FactorRange& range, float unchanged) {
    if (range.low == unchanged && range.high == unchanged) return;
    view.color[view.color_steps++] = {adjustment, random.uniform(range.low, range.high)};
  };
  add(ColorAdjustment::brightness, jitter.brightness, 1);
  add(ColorAdjustment::contrast, jitter.contrast, 1);
  add(ColorAdjustment::saturation, jitter.saturation, 1);
  add(ColorAdjustment::hue, jitter.hue, 0);
  for (int i = view.color_steps; i > 1; --i) {
    std::swap(view.color[i - 1], view.color[random.below(i)]);
  }
}

// Ranges of the magnitudes, indexed by StrongKind. Those of the geometric operations are symmetric,
// so negating them at random as well would change nothing.
struct Magnitude {
  float low, high;
};
constexpr std::array<Magnitude, strong_kinds> magnitudes{{
    {0, 0},          // identity
    {0, 0},          // autocontrast
    {0, 0},          // equalize
    {-30, 30},       // rotate
    {0, 256},        // solarize
    {0.05f, 0.95f},  // color
    {0.05f, 0.95f},  // contrast
    {0.05f, 0.95f},  // brightness
    {0.05f, 0.95f},  // sharpness
    {-0.1f, 0.1f},   // shear_x
    {-0.1f, 0.1f},   // translate_x
    {-0.1f, 0.1f},   // translate_y
    {4, 8},          // posterize
    {-0.1f, 0.1f},   // shear_y
}};

void draw_strong(int operations, Random& random, ViewParameters& view) {
  NOLABEL_ASSERT(operations <= max_strong_operations);
  for (int i = 0; i < operations; ++i) {
    const auto kind = static_cast<int>(random.below(strong_kinds));
    const auto [low, high] = magnitudes[kind];
    view.strong[i] = {static_cast<StrongKind>(kind), random.uniform(low, high)};
  }
  view.strong_operations = operations;
}

// Cutout (DeVries and Taylor 2017): all holes of a view share one side.
void draw_holes(const Cutout& cutout, int size, Random& random, ViewParameters& view) {
  NOLABEL_ASSERT(cutout.holes <= max_cutout_holes);
  if (cutout.length < 1) return;
  const int length =
      cutout.random ? 1 + static_cast<int>(random.below(cutout.length)) : cutout.length;
  const int half = length / 2;
  for (int i = 0; i < cutout.holes; ++i) {
    const int y = static_cast<int>(random.below(size)), x = static_cast<int>(random.below(size));
    view.hole[i] = {.top = std::max(0, y - half),
                    .bottom = std::min(size, y + half),
                    .left = std::max(0, x - half),
                    .right = std::min(size, x + half)};
  }
  view.holes = cutout.holes;
}

// Crops of the recipe's own size need an image that is at least that large.
void enlarge_if_small(int size, int& height, int& width, ViewParameters& view) {
  if (height >= size && width >= size) return;
  view.enlarge = true;
  const int short_side = std::min(height, width);
  height = static_cast<int>(static_cast<int64_t>(size) * height / short_side);
  width = static_cast<int>(static_cast<int64_t>(size) * width / short_side);
}

CropBox draw_crop(int size, int height, int width, Random& random) {
  const int top = static_cast<int>(random.below(height - size + 1));
  const int left = static_cast<int>(random.below(width - size + 1));
  return {.left = left, .top = top, .width = size, .height = size};
}

CropBox centre_crop_box(int size, int height, int width) {
  return {.left = round_to_int((width - size) / 2.0),
          .top = round_to_int((height - size) / 2.0),
          .width = size,
          .height = size};
}

}  // namespace

ViewParameters draw_view(const ViewRecipe& recipe, const ViewKey& key, int height, int width) {
  NOLABEL_ASSERT(key.stage < 1u << 16 && key.role < 1u << 16);
  Random random(key.seed, Purpose::view, key.epoch, key.position, key.stage << 16 | key.role);
  ViewParameters view;
  switch (recipe.strategy) {
    case Strategy::evaluation:
      enlarge_if_small(recipe.size, height, width, view);
      view.crop = centre_crop_box(recipe.size, height, width);
      break;
    case Strategy::standard:
      view.crop = draw_resized_crop(recipe.crop, height, width, random);
      view.flip = random.chance(recipe.flip_probability);
      break;
    case Strategy::simclr:
      view.crop = draw_resized_crop(recipe.crop, height, width, random);
      view.flip = random.chance(recipe.flip_probability);
      if (random.chance(recipe.jitter.probability)) draw_jitter(recipe.jitter, random, view);
      view.grayscale = random.chance(recipe.grayscale_probability);
      break;
    case Strategy::ours:
      enlarge_if_small(recipe.size, height, width, view);
      view.flip = random.chance(recipe.flip_probability);
      view.crop = draw_crop(recipe.size, height, width, random);
      draw_strong(recipe.strong_operations, random, view);
      draw_holes(recipe.cutout, recipe.size, random, view);
      break;
  }
  return view;
}

}  // namespace nolabel
