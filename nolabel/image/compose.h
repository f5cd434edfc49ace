// Private to this folder: samples of any type to an 8-bit RGB picture.
#pragma once

#include <cstddef>
#include <optional>

#include "nolabel/image/decode.h"

namespace nolabel {

enum class SampleColor { gray, rgb, cmyk };
enum class SampleAlpha { none, straight, premultiplied };

// How samples [height, width, colors and then alpha] are meant.
struct SampleLayout {
  size_t height = 0, width = 0;
  SampleColor color = SampleColor::rgb;
  SampleAlpha alpha = SampleAlpha::none;
  bool zero_is_white = false;               // gray only
  std::optional<double> stated_white = {};  // of the format; nothing when it states none
  std::optional<double> missing = {};       // the level that stands for "no data"
  bool scales_levels = true;                // false: always at the format's word

  int colors() const { return color == SampleColor::gray ? 1 : color == SampleColor::rgb ? 3 : 4; }
  int channels() const { return colors() + (alpha == SampleAlpha::none ? 0 : 1); }
};

// Scales the levels (levels.h), converts the color and lays alpha over white. Missing levels become
// black. T: uint8_t, uint16_t or float. DecodeRemarks::levels_scaled is set.
template <class T>
DecodedImage compose(const T* samples, const SampleLayout& layout);

}  // namespace nolabel
