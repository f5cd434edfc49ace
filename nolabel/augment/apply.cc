#include "nolabel/augment/apply.h"

#include <algorithm>
#include <vector>

#include "nolabel/augment/color_step.h"
#include "nolabel/augment/passes.h"
#include "nolabel/augment/strong.h"
#include "nolabel/base/error.h"
#include "nolabel/image/resize.h"

namespace nolabel {

namespace {

// One thread's buffers; they only grow.
struct Scratch {
  std::vector<uint8_t> cropped, resized;
  ResizeScratch resize;
  std::vector<Pixel> frame, spare;
};

template <class T>
T* at_least(std::vector<T>& buffer, size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

// A copy of the region by itself: resizing it must not see the pixels around it (torchvision crops
// first).
ImageView crop(ImageView image, const CropBox& box, std::vector<uint8_t>& buffer) {
  NOLABEL_ASSERT(box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
                 box.left + box.width <= image.width && box.top + box.height <= image.height);
  const size_t row_bytes = static_cast<size_t>(box.width) * 3;
  uint8_t* out = at_least(buffer, row_bytes * box.height);
  for (int y = 0; y < box.height; ++y) {
    std::copy_n(image.pixel(box.top + y, box.left), row_bytes, out + y * row_bytes);
  }
  return {out, box.height, box.width};
}

void cut(const Hole& hole, int size, float* view) {
  if (hole.right <= hole.left) return;
  for (int y = hole.top; y < hole.bottom; ++y) {
    float* row = view + static_cast<int64_t>(y) * size * 3;
    std::fill(row + hole.left * 3, row + hole.right * 3, 0.0f);
  }
}

}  // namespace

void apply_view(ImageView image, const ViewRecipe& recipe, const ViewParameters& parameters,
                float* out) {
  thread_local Scratch scratch;
  const int size = recipe.size;
  Image enlarged;
  if (parameters.enlarge) {
    enlarged = resize_short_side(image, size);
    image = enlarged.view();
  }
  ImageView region = crop(image, parameters.crop, scratch.cropped);
  if (region.height != size || region.width != size) {
    uint8_t* resized = at_least(scratch.resized, static_cast<size_t>(size) * size * 3);
    const Box whole{0, 0, static_cast<double>(region.width), static_cast<double>(region.height)};
    resize_into(region, whole, size, size, resized, scratch.resize, recipe.crop.interpolation);
    region = {resized, size, size};
  }

  const size_t pixels = static_cast<size_t>(size) * size;
  Frame frame{at_least(scratch.frame, pixels), size, size};
  Frame spare{at_least(scratch.spare, pixels), size, size};
  load(region, parameters.flip, frame);
  for (int i = 0; i < parameters.color_steps; ++i) apply_color(parameters.color[i], frame.all());
  if (parameters.grayscale) grayscale_pass(frame.all());
  for (int i = 0; i < parameters.strong_operations; ++i) {
    apply_strong(parameters.strong[i], frame, spare);
  }
  normalize_pass(frame.all(), recipe.normalize, out);
  for (int i = 0; i < parameters.holes; ++i) cut(parameters.hole[i], size, out);
}

}  // namespace nolabel
