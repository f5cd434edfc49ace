#include "nolabel/image/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace nolabel {
namespace {

constexpr uint16_t kOrientationTag = 0x0112;
constexpr size_t kEntryBytes = 12;

// EXIF asks for a SHORT; some programs write the orientation as another whole number. A negative
// value is out of range as an unsigned one too. 0: not a whole number that fits into its entry.
size_t bytes_of_type(uint32_t type) {
  switch (type) {
    case 1:  // BYTE
    case 6:  // SBYTE
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:  // LONG
    case 9:  // SLONG
      return 4;
    default:
      return 0;
  }
}

// Unsigned numbers at checked offsets, in the byte order that the header names.
class TiffReader {
 public:
  TiffReader(std::span<const std::byte> bytes, bool big_endian)
      : bytes_(bytes), big_endian_(big_endian) {}

  std::optional<uint32_t> number(size_t offset, size_t length) const {
    if (offset > bytes_.size() || bytes_.size() - offset < length) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < length; ++i) {
      const size_t position = big_endian_ ? i : length - 1 - i;
      value = (value << 8) | std::to_integer<uint32_t>(bytes_[offset + position]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_;
};

bool starts_with(std::span<const std::byte> bytes, const char* prefix, size_t length) {
  return bytes.size() >= length && std::memcmp(bytes.data(), prefix, length) == 0;
}

// Where the pixel (y, x) of the stored picture goes: an affine map of pixel positions in the
// upright one.
struct Placement {
  int64_t origin, row_step, column_step;
};

Placement place(const Image& stored, int orientation) {
  const int64_t h = stored.height, w = stored.width;
  switch (orientation) {
    case 2:
      return {w - 1, w, -1};
    case 3:
      return {h * w - 1, -w, -1};
    case 4:
      return {(h - 1) * w, -w, 1};
    case 5:
      return {0, 1, h};
    case 6:
      return {h - 1, -1, h};
    case 7:
      return {h * w - 1, -1, -h};
    case 8:
      return {(w - 1) * h, 1, -h};
    default:
      return {0, w, 1};
  }
}

}  // namespace

int exif_orientation(std::span<const std::byte> block) {
  if (starts_with(block, "Exif\0\0", 6)) block = block.subspan(6);
  const bool big_endian = starts_with(block, "MM\0*", 4);
  if (!big_endian && !starts_with(block, "II*\0", 4)) return 1;

  const TiffReader reader(block, big_endian);
  const auto directory = reader.number(4, 4);
  if (!directory) return 1;
  const auto entries = reader.number(*directory, 2);
  if (!entries) return 1;
  for (uint32_t i = 0; i < *entries; ++i) {
    const size_t entry = size_t{*directory} + 2 + i * kEntryBytes;
    const auto tag = reader.number(entry, 2), type = reader.number(entry + 2, 2);
    if (!tag || !type) return 1;
    if (*tag != kOrientationTag) continue;
    const auto value = reader.number(entry + 8, bytes_of_type(*type));
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

Image apply_orientation(Image stored, int orientation) {
  if (orientation <= 1 || orientation > 8) return stored;
  const bool exchanged = orientation >= 5;
  Image upright(exchanged ? stored.width : stored.height, exchanged ? stored.height : stored.width);
  const Placement to = place(stored, orientation);
  // Square tiles: a transposed row would otherwise touch a new cache line at every pixel.
  constexpr int kTile = 64;
  for (int top = 0; top < stored.height; top += kTile) {
    const int bottom = std::min(top + kTile, stored.height);
    for (int left = 0; left < stored.width; left += kTile) {
      const int right = std::min(left + kTile, stored.width);
      for (int y = top; y < bottom; ++y) {
        const uint8_t* from = stored.view().pixel(y, left);
        for (int x = left; x < right; ++x, from += 3) {
          std::memcpy(&upright.pixels[3 * (to.origin + y * to.row_step + x * to.column_step)], from,
                      3);
        }
      }
    }
  }
  return upright;
}

}  // namespace nolabel
