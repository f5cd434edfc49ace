#include "nolabel/augment/view.h"

#include <algorithm>
#include <cmath>

#include "nolabel/augment/apply.h"
#include "nolabel/augment/draw.h"
#include "nolabel/base/threads.h"

namespace nolabel {

void make_view(ImageView image, const ViewKey& key, const ViewRecipe& recipe, float* out) {
  apply_view(image, recipe, draw_view(recipe, key, image.height, image.width), out);
}

void make_views(const Dataset& images, std::span<const ViewRequest> requests,
                const ViewRecipe& recipe, int threads, float* out) {
  const int64_t view_floats = static_cast<int64_t>(recipe.size) * recipe.size * 3;
  constexpr int64_t grain = 8;  // views per piece: some 0.2 ms at 32 px
  parallel_for(static_cast<int64_t>(requests.size()), threads, grain,
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end;) {
                   const int64_t shown = requests[i].image;
                   const DatasetImage image = images.image(shown);
                   for (; i < end && requests[i].image == shown; ++i) {
                     make_view(image.view(), requests[i].key, recipe, out + i * view_floats);
                   }
                 }
               });
}

Image unnormalized(const float* view, const ViewRecipe& recipe) {
  Image image(recipe.size, recipe.size);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const float share = view[i] * recipe.normalize.std[i % 3] + recipe.normalize.mean[i % 3];
    image.pixels[i] = static_cast<uint8_t>(std::clamp(std::lround(share * 255.0f), 0l, 255l));
  }
  return image;
}

}  // namespace nolabel
