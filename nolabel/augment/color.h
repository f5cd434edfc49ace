// What the color operations do to one pixel, with Pillow's arithmetic: levels agree exactly.
#pragma once

#include "nolabel/augment/pixel.h"

namespace nolabel {

// Pillow's Image.blend, which every ImageEnhance is: `factor` 0 gives the degenerate level, 1 the
// level itself, beyond 1 more of it; truncated and clipped.
NOLABEL_HOST_DEVICE inline int blend(int degenerate, int level, float factor) {
  const float mixed =
      static_cast<float>(degenerate) + factor * static_cast<float>(level - degenerate);
  return static_cast<int>(mixed < 0.0f ? 0.0f : mixed > 255.0f ? 255.0f : mixed);
}

NOLABEL_HOST_DEVICE inline Rgb blend(Rgb degenerate, Rgb color, float factor) {
  return {blend(degenerate.r, color.r, factor), blend(degenerate.g, color.g, factor),
          blend(degenerate.b, color.b, factor)};
}

NOLABEL_HOST_DEVICE inline Rgb gray(int level) {
  return {level, level, level};
}

NOLABEL_HOST_DEVICE inline Rgb adjust_brightness(Rgb color, float factor) {
  return blend(gray(0), color, factor);
}

// `mean_luma` is that of the whole image, rounded.
NOLABEL_HOST_DEVICE inline Rgb adjust_contrast(Rgb color, int mean_luma, float factor) {
  return blend(gray(mean_luma), color, factor);
}

NOLABEL_HOST_DEVICE inline Rgb adjust_saturation(Rgb color, float factor) {
  return blend(gray(luma(color)), color, factor);
}

// Levels from `threshold` on are inverted.
NOLABEL_HOST_DEVICE inline int solarize(int level, float threshold) {
  return static_cast<float>(level) < threshold ? level : 255 - level;
}

// Pillow's "HSV", each 0..255.
struct Hsv {
  int h, s, v;
};

// Follows Pillow's mixture of float and double, on which the truncated levels depend.
NOLABEL_HOST_DEVICE inline Hsv to_hsv(Rgb c) {
  const int highest = c.r > c.g ? (c.r > c.b ? c.r : c.b) : (c.g > c.b ? c.g : c.b);
  const int lowest = c.r < c.g ? (c.r < c.b ? c.r : c.b) : (c.g < c.b ? c.g : c.b);
  const int range = highest - lowest;
  const float span = static_cast<float>(range > 0 ? range : 1);
  const float rc = static_cast<float>(highest - c.r) / span;
  const float gc = static_cast<float>(highest - c.g) / span;
  const float bc = static_cast<float>(highest - c.b) / span;
  const float from_red = bc - gc;
  const float from_green = static_cast<float>(2.0 + rc - bc);
  const float from_blue = static_cast<float>(4.0 + gc - rc);
  const float sector = c.r == highest ? from_red : c.g == highest ? from_green : from_blue;
  const double turn = sector / 6.0 + 1.0;  // in [5/6, 11/6]
  const float hue = static_cast<float>(turn >= 1.0 ? turn - 1.0 : turn);
  const float saturation = span / static_cast<float>(highest > 0 ? highest : 1);
  return {range > 0 ? static_cast<int>(hue * 255.0) : 0,
          range > 0 ? static_cast<int>(saturation * 255.0) : 0, highest};
}

NOLABEL_HOST_DEVICE inline Rgb to_rgb(Hsv c) {
  const float turn = static_cast<float>(c.h) * 6.0f;  // exact
  const int sector = static_cast<int>(turn / 255.0);
  const float f = static_cast<float>(turn / 255.0 - sector);
  const float s = static_cast<float>(c.s / 255.0);
  const float v = static_cast<float>(c.v);
  // All are at least 0, so truncation after adding a half rounds as round() does.
  const int p = static_cast<int>(v * (1.0 - s) + 0.5);
  const int q = static_cast<int>(v * (1.0 - s * f) + 0.5);
  const int t = static_cast<int>(v * (1.0 - s * (1.0 - f)) + 0.5);
  const int k = sector % 6;
  return {k == 0 || k == 5 ? c.v
          : k == 1         ? q
          : k == 4         ? t
                           : p,
          k == 1 || k == 2 ? c.v
          : k == 3         ? q
          : k == 0         ? t
                           : p,
          k == 3 || k == 4 ? c.v
          : k == 5         ? q
          : k == 2         ? t
                           : p};
}

// Turns the hue by `shift` of 256 steps, through Pillow's 8-bit HSV (which costs a few levels even
// when shift is 0, as it does in torchvision).
NOLABEL_HOST_DEVICE inline Rgb adjust_hue(Rgb color, int shift) {
  Hsv c = to_hsv(color);
  c.h = (c.h + shift) & 255;
  return to_rgb(c);
}

// torchvision's factor in [-0.5, 0.5] to that shift.
NOLABEL_HOST_DEVICE inline int hue_shift(float factor) {
  return static_cast<int>(static_cast<double>(factor) * 255.0);
}

}  // namespace nolabel
