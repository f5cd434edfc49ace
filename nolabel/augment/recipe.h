// View recipes: what a random view of an image is. A recipe is data; drawing its parameters
// (draw.h) and applying them (apply.h) are separate, so that a view can be repeated, compared with
// Pillow's, and computed on another device.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "nolabel/image/resize.h"

namespace nolabel {

// docs/method.md, Views. `evaluation` is the centre crop without any random part.
enum class Strategy { evaluation, standard, simclr, ours };

// Share of the image's area and width/height ratio of the region that is resized to the view.
struct RandomResizedCrop {
  float scale_low = 0.2f, scale_high = 1.0f;
  float ratio_low = 3.0f / 4, ratio_high = 4.0f / 3;
  Interpolation interpolation = Interpolation::bilinear;
  bool operator==(const RandomResizedCrop&) const = default;
};

// What an adjustment is drawn from, uniformly.
struct FactorRange {
  float low = 1, high = 1;
  bool operator==(const FactorRange&) const = default;
};

constexpr FactorRange factors_around_one(float amount) {
  return {std::max(0.0f, 1 - amount), 1 + amount};
}

// An adjustment that can change nothing (factor 1..1, hue 0..0) is left out.
struct ColorJitter {
  float probability = 0.8f;
  FactorRange brightness = factors_around_one(0.4f), contrast = factors_around_one(0.4f),
              saturation = factors_around_one(0.4f);
  FactorRange hue{-0.1f, 0.1f};  // in turns of the color circle
  bool operator==(const ColorJitter&) const = default;
};

struct Cutout {
  int holes = 1;
  int length = 16;
  bool random = true;  // side drawn from 1..length; the published program always draws
  bool operator==(const Cutout&) const = default;
};

struct Normalize {
  std::array<float, 3> mean{0.4914f, 0.4822f, 0.4465f};
  std::array<float, 3> std{0.2023f, 0.1994f, 0.2010f};
  bool operator==(const Normalize&) const = default;
};

struct ViewRecipe {
  Strategy strategy = Strategy::simclr;
  int size = 32;  // side of the square view, in pixels
  float flip_probability = 0.5f;
  RandomResizedCrop crop{};            // standard, simclr
  ColorJitter jitter{};                // simclr
  float grayscale_probability = 0.2f;  // simclr
  int strong_operations = 4;           // ours
  Cutout cutout{};                     // ours
  Normalize normalize{};
  bool operator==(const ViewRecipe&) const = default;
};

// The same normalisation and size, without anything random.
ViewRecipe evaluation_recipe(const ViewRecipe& recipe);

}  // namespace nolabel
