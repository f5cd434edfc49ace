#include "nolabel/augment/passes.h"

#include <algorithm>
#include <array>

#include "nolabel/augment/color.h"
#include "nolabel/augment/levels.h"
#include "nolabel/base/clones.h"

#include "nolabel/augment/smooth.h"

namespace nolabel {

void load(ImageView image, bool flip, Frame frame) {
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* source = image.pixel(y, 0);
    Pixel* row = frame.pixels + static_cast<int64_t>(y) * frame.width;
    for (int x = 0; x < frame.width; ++x, source += 3) {
      row[x] = pack({source[0], source[1], source[2]});
    }
    if (flip) std::reverse(row, row + frame.width);
  }
}

NOLABEL_CLONES void brightness_pass(std::span<Pixel> pixels, float factor) {
  for (Pixel& p : pixels) p = pack(adjust_brightness(unpack(p), factor));
}

NOLABEL_CLONES void contrast_pass(std::span<Pixel> pixels, float factor) {
  int64_t sum = 0;
  for (Pixel p : pixels) sum += luma(unpack(p));
  const int mean = static_cast<int>(static_cast<double>(sum) / pixels.size() + 0.5);
  for (Pixel& p : pixels) p = pack(adjust_contrast(unpack(p), mean, factor));
}

NOLABEL_CLONES void saturation_pass(std::span<Pixel> pixels, float factor) {
  for (Pixel& p : pixels) p = pack(adjust_saturation(unpack(p), factor));
}

NOLABEL_CLONES void hue_pass(std::span<Pixel> pixels, int shift) {
  for (Pixel& p : pixels) p = pack(adjust_hue(unpack(p), shift));
}

NOLABEL_CLONES void grayscale_pass(std::span<Pixel> pixels) {
  for (Pixel& p : pixels) p = pack(gray(luma(unpack(p))));
}

NOLABEL_CLONES void solarize_pass(std::span<Pixel> pixels, float threshold) {
  for (Pixel& p : pixels) {
    const Rgb c = unpack(p);
    p = pack({solarize(c.r, threshold), solarize(c.g, threshold), solarize(c.b, threshold)});
  }
}

NOLABEL_CLONES void posterize_pass(std::span<Pixel> pixels, int bits) {
  const Pixel kept = (255u << (8 - bits) & 255u) * 0x010101u;
  for (Pixel& p : pixels) p &= kept;
}

namespace {

using Histogram = std::array<int, levels>;
using Table = std::array<uint8_t, levels>;

std::array<Histogram, 3> histograms(std::span<const Pixel> pixels) {
  std::array<Histogram, 3> counts{};
  for (Pixel p : pixels) {
    const Rgb c = unpack(p);
    ++counts[0][c.r];
    ++counts[1][c.g];
    ++counts[2][c.b];
  }
  return counts;
}

// Each channel through the table that `make_table` makes of its histogram.
void map_levels(std::span<Pixel> pixels, void (*make_table)(const int*, uint8_t*)) {
  const std::array<Histogram, 3> counts = histograms(pixels);
  std::array<Table, 3> tables;
  for (int c = 0; c < 3; ++c) make_table(counts[c].data(), tables[c].data());
  for (Pixel& p : pixels) {
    const Rgb c = unpack(p);
    p = pack({tables[0][c.r], tables[1][c.g], tables[2][c.b]});
  }
}

}  // namespace

void autocontrast_pass(std::span<Pixel> pixels) {
  map_levels(pixels, autocontrast_table);
}

void equalize_pass(std::span<Pixel> pixels) {
  map_levels(pixels, equalize_table);
}

NOLABEL_CLONES void sharpness_pass(Frame source, float factor, Frame target) {
  const int height = source.height, width = source.width;
  std::copy_n(source.pixels, source.all().size(), target.pixels);
  for (int y = 1; y < height - 1; ++y) {
    const Pixel* row = source.pixels + static_cast<int64_t>(y) * width;
    Pixel* out = target.pixels + static_cast<int64_t>(y) * width;
    for (int x = 1; x < width - 1; ++x) {
      const Rgb smoothed = smooth(row + x - width, row + x, row + x + width);
      out[x] = pack(blend(smoothed, unpack(row[x]), factor));
    }
  }
}

void affine_pass(Frame source, const Affine& map, Frame target) {
  Pixel* out = target.pixels;
  for (int y = 0; y < target.height; ++y) {
    for (int x = 0; x < target.width; ++x) {
      const auto [column, row] = source_position(map, x, y);
      const bool inside = static_cast<unsigned>(column) < static_cast<unsigned>(source.width) &&
                          static_cast<unsigned>(row) < static_cast<unsigned>(source.height);
      *out++ = inside ? source.pixels[row * source.width + column] : black;
    }
  }
}

NOLABEL_CLONES void normalize_pass(std::span<const Pixel> pixels, const Normalize& normalize,
                                   float* out) {
  const auto [mean_r, mean_g, mean_b] = normalize.mean;
  const auto [std_r, std_g, std_b] = normalize.std;
  for (size_t i = 0; i < pixels.size(); ++i) {
    const Rgb c = unpack(pixels[i]);
    out[3 * i] = (static_cast<float>(c.r) / 255.0f - mean_r) / std_r;
    out[3 * i + 1] = (static_cast<float>(c.g) / 255.0f - mean_g) / std_g;
    out[3 * i + 2] = (static_cast<float>(c.b) / 255.0f - mean_b) / std_b;
  }
}

}  // namespace nolabel
