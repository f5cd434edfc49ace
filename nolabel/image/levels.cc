#include "nolabel/image/levels.h"

#include <bit>

namespace nolabel {
namespace {

bool is_power_of_two(double value) {
  return value >= 1 && std::has_single_bit(static_cast<uint64_t>(value)) &&
         value == std::floor(value);
}

// Whole levels of n bits lose their lowest n - 8 bits, as Pillow cuts 16 bits to 8; others are
// rounded.
LevelScale from_zero(double white, Numbers numbers, bool assumed) {
  if (numbers == Numbers::whole && white >= 255 && is_power_of_two(white + 1)) {
    return {0, 256 / (white + 1), 0, assumed};
  }
  return {0, 255 / white, 0.5, assumed};
}

}  // namespace

LevelScale choose_scale(const LevelExtremes& extremes, std::optional<double> stated_white,
                        Numbers numbers) {
  const double lowest = extremes.lowest, highest = extremes.highest;
  if (lowest == 0 && highest == 0) return {};  // black, whatever the range
  if (stated_white && highest >= kLeastUse * *stated_white) {
    return from_zero(*stated_white, numbers, false);
  }
  for (const double white : {1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0}) {
    if (white == 1 && numbers == Numbers::whole) continue;
    if (white < highest) continue;
    if (lowest >= 0 && highest >= kLeastUse * white) return from_zero(white, numbers, true);
    break;
  }
  const double width = highest - lowest;
  return {lowest, width > 0 ? 255 / width : 0, 0.5, true};
}

}  // namespace nolabel
