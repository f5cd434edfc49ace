#include "nolabel/augment/view.h"

#include "nolabel/augment/apply.h"
#include "nolabel/augment/draw.h"
#include "nolabel/base/threads.h"

namespace nolabel {

void make_view(const ViewRequest& request, const ViewRecipe& recipe, float* out) {
  const ImageView image = request.image;
  apply_view(image, recipe, draw_view(recipe, request.key, image.height, image.width), out);
}

void make_views(std::span<const ViewRequest> requests, const ViewRecipe& recipe, int threads,
                float* out) {
  const int64_t view_floats = static_cast<int64_t>(recipe.size) * recipe.size * 3;
  constexpr int64_t grain = 8;  // views per piece: some 0.2 ms at 32 px
  parallel_for(static_cast<int64_t>(requests.size()), threads, grain,
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   make_view(requests[i], recipe, out + i * view_floats);
                 }
               });
}

}  // namespace nolabel
