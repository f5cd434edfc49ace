#include "nolabel/augment/contact_sheet.h"

#include <vector>

#include "nolabel/augment/view.h"
#include "nolabel/base/error.h"
#include "nolabel/image/contact_sheet.h"

namespace nolabel {

namespace {

constexpr int margin = 2;  // pixels between views

}  // namespace

Image view_sheet(ImageView image, const ViewRecipe& recipe, uint64_t seed, int columns, int rows) {
  if (columns < 1 || rows < 1) {
    fail_usage("a sheet must have at least 1 x 1 views. Received {} x {}.", columns, rows);
  }
  std::vector<Image> views;
  std::vector<float> view(static_cast<size_t>(recipe.size) * recipe.size * 3);
  for (int i = 0; i < columns * rows; ++i) {
    const ViewKey key{.seed = seed, .position = static_cast<uint32_t>(i)};
    make_view(image, key, i == 0 ? evaluation_recipe(recipe) : recipe, view.data());
    views.push_back(unnormalized(view.data(), recipe));
  }
  std::vector<ImageView> cells;
  for (const Image& each : views) cells.push_back(each.view());
  return contact_sheet(cells, columns, margin);
}

}  // namespace nolabel
