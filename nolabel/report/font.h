// A bitmap font for the few words on pictures: ASCII, 5 x 7 dots in a cell of 6 x 8.
#pragma once

#include <array>
#include <cstdint>

namespace nolabel {

inline constexpr int kGlyphWidth = 6;  // one dot of space included
inline constexpr int kGlyphHeight = 8;

// The five columns of a glyph from left to right; bit 0 is the top dot. Anything that is not
// printable ASCII looks like '?'.
const std::array<uint8_t, 5>& glyph(char32_t character);

}  // namespace nolabel
