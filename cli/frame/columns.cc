#include "cli/frame/columns.h"

#include <cstdint>
#include <vector>

namespace nolabel::cli {
namespace {

struct Character {
  size_t begin, bytes;  // in the text
  size_t cells;
};

struct Interval {
  uint32_t first, last;
};

// The blocks that terminals draw two cells wide (Unicode TR 11, classes W and F, by block).
constexpr Interval wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},  {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
// Marks that are drawn over the character before them.
constexpr Interval combining[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                  {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                                  {0xFE20, 0xFE2F}};

template <size_t N>
bool within(const Interval (&intervals)[N], uint32_t code) {
  for (const Interval& interval : intervals) {
    if (code >= interval.first && code <= interval.last) return true;
  }
  return false;
}

size_t sequence_bytes(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

// Bytes that are no UTF-8 count as a character each.
Character character_at(std::string_view text, size_t begin) {
  const auto lead = static_cast<unsigned char>(text[begin]);
  const size_t bytes = sequence_bytes(lead);
  if (bytes == 1 || begin + bytes > text.size()) return {begin, 1, 1};
  uint32_t code = lead & (0xFFu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[begin + i]);
    if ((next & 0xC0) != 0x80) return {begin, 1, 1};
    code = code << 6 | (next & 0x3F);
  }
  return {begin, bytes, within(combining, code) ? 0u : within(wide, code) ? 2u : 1u};
}

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  for (size_t i = 0; i < text.size(); i += characters.back().bytes) {
    characters.push_back(character_at(text, i));
  }
  return characters;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (const Character& character : characters_of(text)) width += character.cells;
  return width;
}

std::string padded(std::string_view text, size_t width) {
  const size_t taken = display_width(text);
  if (taken <= width) return std::string(text) + std::string(width - taken, ' ');
  const std::vector<Character> characters = characters_of(text);
  const size_t room = width > 0 ? width - 1 : 0, front = (room + 1) / 2;
  size_t head = 0, head_cells = 0;
  while (head < characters.size() && head_cells + characters[head].cells <= front) {
    head_cells += characters[head++].cells;
  }
  size_t tail = characters.size(), tail_cells = 0;
  while (tail > head && head_cells + tail_cells + characters[tail - 1].cells <= room) {
    tail_cells += characters[--tail].cells;
  }
  const size_t end = head < characters.size() ? characters[head].begin : text.size();
  const size_t rest = tail < characters.size() ? characters[tail].begin : text.size();
  return std::string(text.substr(0, end)) + "…" + std::string(text.substr(rest)) +
         std::string(room - head_cells - tail_cells, ' ');
}

}  // namespace nolabel::cli
