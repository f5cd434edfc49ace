#include "nolabel/augment/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nolabel/augment/view.h"
#include "nolabel/base/error.h"

namespace nolabel {

namespace {

constexpr int gap = 2;  // pixels between views

// Undoes the normalisation and writes the view with its corner at (top, left).
void paste(const std::vector<float>& view, const ViewRecipe& recipe, int top, int left,
           Image& sheet) {
  for (int y = 0; y < recipe.size; ++y) {
    for (int x = 0; x < recipe.size; ++x) {
      for (int c = 0; c < 3; ++c) {
        const float value = view[(static_cast<size_t>(y) * recipe.size + x) * 3 + c];
        const float level = (value * recipe.normalize.std[c] + recipe.normalize.mean[c]) * 255.0f;
        sheet.pixels[(static_cast<size_t>(top + y) * sheet.width + left + x) * 3 + c] =
            static_cast<uint8_t>(std::clamp(std::lround(level), 0l, 255l));
      }
    }
  }
}

}  // namespace

Image view_sheet(ImageView image, const ViewRecipe& recipe, uint64_t seed, int columns, int rows) {
  if (columns < 1 || rows < 1) {
    fail_usage("a sheet must have at least 1 x 1 views. Received {} x {}.", columns, rows);
  }
  const int pitch = recipe.size + gap;
  Image sheet(rows * pitch - gap, columns * pitch - gap);
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), uint8_t{255});
  std::vector<float> view(static_cast<size_t>(recipe.size) * recipe.size * 3);
  for (int i = 0; i < columns * rows; ++i) {
    const ViewRequest request{image, {.seed = seed, .position = static_cast<uint32_t>(i)}};
    make_view(request, i == 0 ? evaluation_recipe(recipe) : recipe, view.data());
    paste(view, recipe, i / columns * pitch, i % columns * pitch, sheet);
  }
  return sheet;
}

}  // namespace nolabel
