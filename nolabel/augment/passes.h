// Loops over whole images on the host. What happens to one pixel is in color.h, levels.h, smooth.h
// and geometry.h, shared with the GPU; here are only the loops, which vectorise.
#pragma once

#include <span>

#include "nolabel/augment/geometry.h"
#include "nolabel/augment/pixel.h"
#include "nolabel/augment/recipe.h"
#include "nolabel/image/image.h"

namespace nolabel {

// An image being worked on, packed; non-owning.
struct Frame {
  Pixel* pixels;  // [height, width]
  int height, width;
  std::span<Pixel> all() const { return {pixels, static_cast<size_t>(height) * width}; }
};

// Bytes to pixels, mirrored left to right if `flip`. `frame` has the image's size.
void load(ImageView image, bool flip, Frame frame);

// In place.
void brightness_pass(std::span<Pixel> pixels, float factor);
void contrast_pass(std::span<Pixel> pixels, float factor);
void saturation_pass(std::span<Pixel> pixels, float factor);
void hue_pass(std::span<Pixel> pixels, int shift);
void grayscale_pass(std::span<Pixel> pixels);
void solarize_pass(std::span<Pixel> pixels, float threshold);
void posterize_pass(std::span<Pixel> pixels, int bits);
void autocontrast_pass(std::span<Pixel> pixels);
void equalize_pass(std::span<Pixel> pixels);

// From `source` into `target`, of the same size, which must not overlap.
void sharpness_pass(Frame source, float factor, Frame target);
void affine_pass(Frame source, const Affine& map, Frame target);

// Levels to [0, 1], then (x - mean) / std: float [H,W,3].
void normalize_pass(std::span<const Pixel> pixels, const Normalize& normalize, float* out);

}  // namespace nolabel
