// Operations that map each channel's levels by a table made from its histogram, with the arithmetic
// of Pillow's ImageOps.
#pragma once

#include <cstdint>

#include "nolabel/base/host_device.h"

namespace nolabel {

constexpr int levels = 256;

// Stretches the levels in use to 0..255; a channel with one level stays.
NOLABEL_HOST_DEVICE inline void autocontrast_table(const int* histogram, uint8_t* table) {
  int low = 0, high = levels - 1;
  while (low < high && histogram[low] == 0) ++low;
  while (high > low && histogram[high] == 0) --high;
  const double scale = high > low ? 255.0 / (high - low) : 1.0;
  const double offset = high > low ? -low * scale : 0.0;
  for (int i = 0; i < levels; ++i) {
    const double level = i * scale + offset;
    table[i] = static_cast<uint8_t>(level < 0 ? 0 : level > 255 ? 255 : level);
  }
}

// Levels used evenly. Pillow leaves the brightest level out of the count and a channel alone when
// that leaves fewer than 255 pixels.
NOLABEL_HOST_DEVICE inline void equalize_table(const int* histogram, uint8_t* table) {
  int pixels = 0, last = 0;
  for (int i = 0; i < levels; ++i) {
    pixels += histogram[i];
    if (histogram[i] > 0) last = histogram[i];
  }
  const int step = (pixels - last) / 255;
  int sum = step / 2;
  for (int i = 0; i < levels; ++i) {
    const int level = step > 0 ? sum / step : i;
    table[i] = static_cast<uint8_t>(level > 255 ? 255 : level);
    sum += histogram[i];
  }
}

}  // namespace nolabel
