// Views of images: parameters from the counter-based generator, applied on the CPU.
//
// A view is a pure function of (image, recipe, key). It depends on no thread count, batch order or
// process; the same image drawn twice in an epoch as somebody's neighbor has two positions and so
// two views.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nolabel/augment/recipe.h"
#include "nolabel/data/dataset.h"

namespace nolabel {

// Identifies one view of one run.
struct ViewKey {
  uint64_t seed = 0;
  uint32_t stage = 0;     // each stage numbers itself (train/task.h)
  uint32_t epoch = 0;     // from 0
  uint32_t position = 0;  // of the anchor in the epoch's order
  uint32_t role = 0;  // 0: the anchor's first view, 1: its second, its neighbor's, the strong one
  bool operator==(const ViewKey&) const = default;
};

struct ViewRequest {
  int64_t image;  // of the data set
  ViewKey key;
  bool operator==(const ViewRequest&) const = default;
};

// One view as float [size, size, 3] (channels last), normalised, written to `out`.
void make_view(ImageView image, const ViewKey& key, const ViewRecipe& recipe, float* out);

// requests.size() views one after the other, [B, size, size, 3]: the memory of a channels-last
// tensor [B, 3, size, size]. Each thread asks for an image when it needs it; requests for the same
// one that follow each other share it.
void make_views(const Dataset& images, std::span<const ViewRequest> requests,
                const ViewRecipe& recipe, int threads, float* out);

// The picture of a view, whose levels were normalised as the recipe says.
Image unnormalized(const float* view, const ViewRecipe& recipe);

}  // namespace nolabel
