// The random part of a view: parameters drawn from the counter-based generator on the host. Plain
// data: the same parameters applied to the same image are the same view, on any device.
#pragma once

#include <array>
#include <cstdint>

#include "nolabel/augment/recipe.h"
#include "nolabel/augment/view.h"

namespace nolabel {

// Limits of the fixed-size parameters below; settings.h holds recipes to them.
constexpr int max_strong_operations = 16;
constexpr int max_cutout_holes = 16;

// A region of the image, in whole pixels.
struct CropBox {
  int left = 0, top = 0, width = 0, height = 0;
};

enum class ColorAdjustment : uint8_t { brightness, contrast, saturation, hue };

struct ColorStep {
  ColorAdjustment adjustment = ColorAdjustment::brightness;
  float factor = 1;  // hue: in turns, -0.5..0.5
};

// The 14 operations of the strong recipe, in the order of docs/method.md, The strong recipe.
enum class StrongKind : uint8_t {
  identity,
  autocontrast,
  equalize,
  rotate,    // degrees, counter-clockwise
  solarize,  // threshold 0..256
  color,     // enhance factor, as the next three
  contrast,
  brightness,
  sharpness,
  shear_x,
  translate_x,  // share of the width
  translate_y,  // share of the height
  posterize,    // bits kept, truncated
  shear_y,
};
constexpr int strong_kinds = 14;

struct StrongOperation {
  StrongKind kind = StrongKind::identity;
  float magnitude = 0;
};

// A rectangle of the view set to 0 after normalising: rows [top, bottom), columns [left, right).
struct Hole {
  int top = 0, bottom = 0, left = 0, right = 0;
};

// In the order of application.
struct ViewParameters {
  bool enlarge = false;  // the image is resized first, its short side to the view's size
  CropBox crop;          // of the (enlarged) image; resized to the view unless it has that size
  bool flip = false;     // left to right
  int color_steps = 0;
  std::array<ColorStep, 4> color{};
  bool grayscale = false;
  int strong_operations = 0;
  std::array<StrongOperation, max_strong_operations> strong{};
  int holes = 0;
  std::array<Hole, max_cutout_holes> hole{};
};

// For an image of height x width.
ViewParameters draw_view(const ViewRecipe& recipe, const ViewKey& key, int height, int width);

}  // namespace nolabel
