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

// Follows Pillow's mixture of float and double, on which the truncated levels depend. Choices are
// made between integers before they enter the arithmetic: so the loop over pixels vectorises.
NOLABEL_HOST_DEVICE inline Hsv to_hsv(Rgb c) {
  const int highest = c.r > c.g ? (c.r > c.b ? c.r : c.b) : (c.g > c.b ? c.g : c.b);
  const int lowest = c.r < c.g ? (c.r < c.b ? c.r : c.b) : (c.g < c.b ? c.g : c.b);
  const int range = highest - lowest;
  const bool is_red = c.r == highest, is_green = c.g == highest;
  const int third = is_red ? 0 : is_green ? 2 : 4;
  const int behind = highest - (is_red ? c.b : is_green ? c.r : c.g);
  const int ahead = highest - (is_red ? c.g : is_green ? c.b : c.r);
  const float divisor = static_cast<float>(range > 0 ? range : 1);
  const double back = static_cast<float>(behind) / divisor;
  const double forth = static_cast<float>(ahead) / divisor;
  const float sector = static_cast<float>(third + back - forth);
  const double turn = sector / 6.0 + 1.0;  // in [5/6, 11/6]
  const float hue = static_cast<float>(turn - static_cast<int>(turn));
  const float saturation =
      static_cast<float>(range) / static_cast<float>(highest > 0 ? highest : 1);
  return {static_cast<int>(hue * 255.0), static_cast<int>(saturation * 255.0), highest};
}

// One channel, whose own hue lies `sixths` sixths before the full circle: full within a sixth of
// it, down to what saturation leaves two sixths away, linear between.
NOLABEL_HOST_DEVICE inline int channel(Hsv c, int sixths) {
  int way = sixths * 255 + c.h * 6;  // 255 to a sixth
  way = way >= 6 * 255 ? way - 6 * 255 : way;
  int distance = way < 4 * 255 - way ? way : 4 * 255 - way;
  distance = distance < 0 ? 0 : distance > 255 ? 255 : distance;
  const float share = static_cast<float>(distance) / 255.0f;
  const float saturation = static_cast<float>(c.s) / 255.0f;
  return static_cast<int>(c.v * (1.0 - static_cast<double>(saturation) * share) + 0.5);
}

NOLABEL_HOST_DEVICE inline Rgb to_rgb(Hsv c) {
  return {channel(c, 5), channel(c, 3), channel(c, 1)};
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
