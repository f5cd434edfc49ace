// Private to this folder: levels of more than 8 bits as levels of 8 bits.
//
// A format states black and white only for unsigned levels of up to 16 bits, and programs do not
// keep to it: cameras and microscopes write levels of 10, 12 or 14 bits into 16. A picture that
// uses a quarter of the stated range or more is taken at the format's word. For every other one
// the range is, in this order,
//   0 to 1 (float), 0 to 255, 1023, 4095, 16383 or 65535: the first that holds all levels, if
//     the picture uses a quarter of it or more;
//   its lowest to its highest level.
// The fixed ranges come first because they keep the brightness of a series of pictures comparable.
// What a picture uses is judged without outliers (content_extremes.h); these become black or white.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace nolabel {

constexpr double kLeastUse = 0.25;  // of a range, to be taken as the picture's

// The extremes of a picture's levels. Missing levels (is_missing) do not count.
struct LevelExtremes {
  double lowest = 0, highest = 0;
  bool any = false;

  void add(double value) {
    lowest = any ? std::min(lowest, value) : value;
    highest = any ? std::max(highest, value) : value;
    any = true;
  }
};

// NaN, infinity, and the huge numbers that stand for "no data" in float pictures.
template <class T>
bool is_missing(T value) {
  if constexpr (std::is_floating_point_v<T>) return !(std::abs(value) < T(1e30));
  return false;
}

// The same, or the level that the file states as "no data".
template <class T>
bool is_missing(T value, const std::optional<double>& stated) {
  if (is_missing(value)) return true;
  if (!stated) return false;
  // The stated level is compared as a float picture stores it.
  if constexpr (std::is_floating_point_v<T>) return value == static_cast<T>(*stated);
  return static_cast<double>(value) == *stated;
}

// level = (value - black) * factor + bias, cut to a whole number in 0..255. A missing value is
// black.
struct LevelScale {
  double black = 0, factor = 0, bias = 0;
  bool assumed = false;  // another range than the one that the format states

  uint8_t level(double value) const {
    const double scaled = (value - black) * factor + bias;
    if (!(scaled > 0)) return 0;
    return scaled >= 255 ? 255 : static_cast<uint8_t>(scaled);
  }
};

enum class Numbers { whole, real };

// How to scale a picture with these extremes. `stated_white` is the format's white (its black is
// 0), or nothing when the format states none.
LevelScale choose_scale(const LevelExtremes& extremes, std::optional<double> stated_white,
                        Numbers numbers);

}  // namespace nolabel
