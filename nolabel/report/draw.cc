#include "nolabel/report/draw.h"

#include <algorithm>
#include <cstring>

#include "nolabel/report/font.h"

namespace nolabel {
namespace {

bool continues_character(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

// Calls dot(x, y) for every dot of the text, in dots from its top left corner.
template <class Dot>
void for_each_dot(std::string_view text, Dot dot) {
  int cell = 0;
  for (char byte : text) {
    if (continues_character(byte)) continue;
    const auto& columns = glyph(static_cast<uint8_t>(byte));
    for (int x = 0; x < 5; ++x) {
      for (int y = 0; y < 8; ++y) {
        if (columns[x] >> y & 1) dot(cell * kGlyphWidth + x, y);
      }
    }
    ++cell;
  }
}

int characters_in(std::string_view text) {
  return static_cast<int>(text.size() - std::ranges::count_if(text, continues_character));
}

}  // namespace

void fill(Image& picture, const Area& area, Color color) {
  const int left = std::max(area.left, 0), right = std::min(area.left + area.width, picture.width);
  const int top = std::max(area.top, 0), bottom = std::min(area.top + area.height, picture.height);
  for (int y = top; y < bottom; ++y) {
    uint8_t* p = picture.pixels.data() + (static_cast<size_t>(y) * picture.width + left) * 3;
    for (int x = left; x < right; ++x) {
      *p++ = color.red;
      *p++ = color.green;
      *p++ = color.blue;
    }
  }
}

void paste(Image& picture, ImageView source, int left, int top) {
  const int first = std::max(-left, 0), last = std::min(source.width, picture.width - left);
  if (first >= last) return;
  for (int y = std::max(-top, 0); y < std::min(source.height, picture.height - top); ++y) {
    std::memcpy(
        picture.pixels.data() + (static_cast<size_t>(top + y) * picture.width + left + first) * 3,
        source.pixel(y, first), static_cast<size_t>(last - first) * 3);
  }
}

void draw_text(Image& picture, std::string_view text, int left, int top, int scale, Color color) {
  for_each_dot(text, [&](int x, int y) {
    fill(picture, {left + x * scale, top + y * scale, scale, scale}, color);
  });
}

void draw_text_upwards(Image& picture, std::string_view text, int left, int bottom, int scale,
                       Color color) {
  for_each_dot(text, [&](int x, int y) {
    fill(picture, {left + y * scale, bottom - (x + 1) * scale, scale, scale}, color);
  });
}

int text_width(std::string_view text, int scale) {
  return characters_in(text) * kGlyphWidth * scale;
}

int text_height(int scale) {
  return kGlyphHeight * scale;
}

std::string shortened(std::string_view text, int characters) {
  if (characters_in(text) <= characters) return std::string(text);
  size_t end = 0;
  for (int kept = 0; end < text.size(); ++end) {
    if (!continues_character(text[end]) && kept++ == characters - 2) break;
  }
  return std::string(text.substr(0, end)) + "..";
}

}  // namespace nolabel
