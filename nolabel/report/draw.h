// Drawing on an RGB picture: rectangles, pictures, words. Whatever lies outside is cut off.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nolabel/image/image.h"

namespace nolabel {

struct Color {
  uint8_t red, green, blue;
};

inline constexpr Color kPaper{255, 255, 255}, kInk{28, 32, 40};

struct Area {
  int left, top, width, height;
};

void fill(Image& picture, const Area& area, Color color);
void paste(Image& picture, ImageView source, int left, int top);

// Words in the bitmap font, each dot `scale` pixels wide; the corner is the top left one.
void draw_text(Image& picture, std::string_view text, int left, int top, int scale, Color color);
// Turned a quarter to the left: reads upwards from its lower left corner.
void draw_text_upwards(Image& picture, std::string_view text, int left, int bottom, int scale,
                       Color color);

// Pixels, for text in UTF-8 (one glyph per code point).
int text_width(std::string_view text, int scale);
int text_height(int scale);
// At most `characters` of text, the last one ".." where something was cut.
std::string shortened(std::string_view text, int characters);

}  // namespace nolabel
