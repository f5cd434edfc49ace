// Compiled by ctest where there is a CUDA compiler (augment.compiles_for_cuda): the arithmetic of
// views must stay code that a GPU can run. Not part of any library.
#include "nolabel/augment/color.h"
#include "nolabel/augment/geometry.h"
#include "nolabel/augment/levels.h"
#include "nolabel/augment/smooth.h"

namespace nolabel {

__global__ void every_operation(const Pixel* image, int width, Affine affine, const int* histogram,
                                uint8_t* table, float factor, Pixel* out) {
  const int x = static_cast<int>(threadIdx.x) + 1, y = static_cast<int>(blockIdx.x) + 1;
  const Pixel* row = image + y * width + x;
  Rgb color = smooth(row - width, row, row + width);
  color = adjust_brightness(color, factor);
  color = adjust_contrast(color, luma(color), factor);
  color = adjust_saturation(color, factor);
  color = adjust_hue(color, hue_shift(factor));
  color.r = solarize(color.r, 255.0f * factor);
  if (x == 1) autocontrast_table(histogram, table);
  if (x == 2) equalize_table(histogram, table);
  const SourcePosition source = source_position(affine, x, y);
  const Rgb other = unpack(image[source.y * width + source.x]);
  out[y * width + x] = pack(blend(other, color, factor));
}

}  // namespace nolabel
