// BMP: 1 to 32 bits per pixel, palettes, bit fields, RLE4 and RLE8, from the bottom up or the top
// down, with the headers of OS/2 1 and of Windows 3 to 5. Read here: no library that Debian has
// both reads all of these and is small (stb_image has neither run lengths nor the top-down order,
// and takes an unused fourth byte for alpha). Format: [MS-WMF] 2.2.2.9, DeviceIndependentBitmap.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/bmp_runs.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kOs2HeaderBytes = 12;
constexpr uint32_t kWindows3HeaderBytes = 40;

enum Compression : uint32_t { kNone = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaFields = 6 };

// A color of a pixel word: which bits, and how they become 8.
struct Field {
  uint32_t mask = 0;

  uint8_t level(uint32_t word) const {
    if (mask == 0) return 0;
    const int shift = std::countr_zero(mask);
    const uint64_t largest = mask >> shift;
    return static_cast<uint8_t>((uint64_t{(word & mask) >> shift} * 255 + largest / 2) / largest);
  }
};

struct Header {
  int64_t width = 0, height = 0;
  bool top_down = false;
  uint32_t bits = 0;
  uint32_t compression = kNone;
  std::array<Field, 4> fields{};                      // red, green, blue, alpha
  std::array<std::array<uint8_t, 3>, 256> palette{};  // RGB; colors that are not stored are black
  size_t pixel_offset = 0;
};

// Little-endian numbers of a file; what lies past its end is an error.
class BmpBytes {
 public:
  explicit BmpBytes(Bytes file) : file_(file) {}

  uint32_t number(size_t offset, size_t length) const {
    if (offset > file_.size() || file_.size() - offset < length) fail_data("truncated BMP");
    uint32_t value = 0;
    std::memcpy(&value, file_.data() + offset, length);  // the host is little-endian
    return value;
  }
  uint32_t word(size_t offset) const { return number(offset, 4); }
  uint32_t half(size_t offset) const { return number(offset, 2); }

 private:
  Bytes file_;
};

void read_size(const BmpBytes& bytes, uint32_t header_bytes, Header& header) {
  if (header_bytes == kOs2HeaderBytes) {
    header.width = bytes.half(18);
    header.height = bytes.half(20);
    header.bits = bytes.half(24);
    return;
  }
  header.width = static_cast<int32_t>(bytes.word(18));
  header.height = static_cast<int32_t>(bytes.word(22));
  header.top_down = header.height < 0;
  if (header.top_down) header.height = -header.height;
  header.bits = bytes.half(28);
  // OS/2 2 allows a header that ends after 16 bytes.
  if (header_bytes >= 20) header.compression = bytes.word(30);
}

void check_kind(const Header& header, uint32_t header_bytes) {
  const uint32_t bits = header.bits, compression = header.compression;
  const bool plain = compression == kNone && (bits == 1 || bits == 2 || bits == 4 || bits == 8 ||
                                              bits == 16 || bits == 24 || bits == 32);
  const bool runs = (compression == kRle8 && bits == 8) || (compression == kRle4 && bits == 4);
  // With OS/2's long header, 3 stands for a fax coding.
  const bool fields = (compression == kBitFields || compression == kAlphaFields) &&
                      header_bytes != 64 && (bits == 16 || bits == 32);
  if (!plain && !runs && !fields) {
    fail_data("BMP of a kind that nolabel does not read: {} bits, compression {}", bits,
              compression);
  }
}

// Where red, green, blue and alpha are in a pixel of 16 or 32 bits. Without bit fields the fourth
// byte of 32 bits has no meaning.
void read_fields(const BmpBytes& bytes, uint32_t header_bytes, Header& header) {
  if (header.compression == kNone) {
    if (header.bits == 16) header.fields = {{{0x7C00}, {0x03E0}, {0x001F}, {0}}};
    if (header.bits == 32) header.fields = {{{0xFF0000}, {0xFF00}, {0xFF}, {0}}};
    return;
  }
  // In the header from version 2 on, and behind the shorter one; alpha is there from version 3 on.
  const bool has_alpha = header_bytes >= 56 || header.compression == kAlphaFields;
  for (size_t i = 0; i < (has_alpha ? 4 : 3); ++i) {
    header.fields[i].mask = bytes.word(kFileHeaderBytes + kWindows3HeaderBytes + 4 * i);
    if (header.bits == 16) header.fields[i].mask &= 0xFFFF;
  }
}

// The colors between the header and the pixels.
void read_palette(const BmpBytes& bytes, uint32_t header_bytes, Header& header) {
  const size_t begin = kFileHeaderBytes + header_bytes;
  size_t end = begin;
  if (header.bits <= 8) {
    const size_t color_bytes = header_bytes == kOs2HeaderBytes ? 3 : 4;
    const size_t possible = size_t{1} << header.bits;
    const size_t stated = header_bytes >= 36 ? bytes.word(46) : 0;
    size_t colors = stated == 0 ? possible : std::min(stated, possible);
    // Some files state more colors than fit before their pixels.
    if (header.pixel_offset > begin) {
      colors = std::min(colors, (header.pixel_offset - begin) / color_bytes);
    }
    for (size_t i = 0; i < colors; ++i) {
      for (size_t c = 0; c < 3; ++c) {
        header.palette[i][2 - c] =
            static_cast<uint8_t>(bytes.number(begin + i * color_bytes + c, 1));
      }
    }
    end = begin + colors * color_bytes;
  }
  if (header.pixel_offset == 0) header.pixel_offset = end;
}

Header read_header(const BmpBytes& bytes) {
  Header header;
  header.pixel_offset = bytes.word(10);
  const uint32_t header_bytes = bytes.word(14);
  if (header_bytes != kOs2HeaderBytes && (header_bytes < 16 || header_bytes > 124)) {
    fail_data("corrupt BMP: its header has {} bytes", header_bytes);
  }
  read_size(bytes, header_bytes, header);
  check_kind(header, header_bytes);
  read_fields(bytes, header_bytes, header);
  read_palette(bytes, header_bytes, header);
  if (header.pixel_offset < kFileHeaderBytes + header_bytes) {
    fail_data("corrupt BMP: its pixels begin inside its header");
  }
  return header;
}

// One row of 1 to 8 bits per pixel, the leftmost pixel in the highest bits.
void read_indexed_row(const Header& header, const uint8_t* row, uint8_t* rgb) {
  const uint32_t bits = header.bits, per_byte = 8 / bits;
  for (int64_t x = 0; x < header.width; ++x, rgb += 3) {
    const uint32_t shift = 8 - bits * (1 + x % per_byte);
    const auto& color = header.palette[(row[x / per_byte] >> shift) & ((1U << bits) - 1)];
    std::copy(color.begin(), color.end(), rgb);
  }
}

void read_bgr_row(const Header& header, const uint8_t* row, uint8_t* rgb) {
  for (int64_t x = 0; x < header.width; ++x, row += 3, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = row[2 - c];
  }
}

uint32_t pixel_word(const uint8_t* row, int64_t x, uint32_t bytes) {
  uint32_t word = 0;
  std::memcpy(&word, row + x * bytes, bytes);
  return word;
}

void read_field_row(const Header& header, const uint8_t* row, bool has_alpha, uint8_t* rgb) {
  for (int64_t x = 0; x < header.width; ++x, rgb += 3) {
    const uint32_t word = pixel_word(row, x, header.bits / 8);
    uint8_t rgba[4];
    for (int c = 0; c < 4; ++c) rgba[c] = header.fields[c].level(word);
    if (!has_alpha) rgba[3] = 255;
    over_white(rgba, 1, rgb);
  }
}

// Many programs declare alpha and leave it at zero everywhere: such a picture is opaque.
bool any_alpha(const Header& header, const uint8_t* pixels, size_t stride) {
  const uint32_t mask = header.fields[3].mask;
  if (mask == 0) return false;
  for (int64_t y = 0; y < header.height; ++y) {
    const uint8_t* row = pixels + static_cast<size_t>(y) * stride;
    for (int64_t x = 0; x < header.width; ++x) {
      if ((pixel_word(row, x, header.bits / 8) & mask) != 0) return true;
    }
  }
  return false;
}

// The row of the picture that is stored at place y.
uint8_t* upright_row(const Header& header, Image& image, int64_t y) {
  const int64_t upright = header.top_down ? y : header.height - 1 - y;
  return &image.pixels[static_cast<size_t>(upright * header.width) * 3];
}

Image read_bmp_rows(const Header& header, Bytes stored) {
  const size_t row_bits = static_cast<size_t>(header.width) * header.bits;
  const size_t row_bytes = (row_bits + 7) / 8, stride = (row_bits + 31) / 32 * 4;
  // The padding behind the last row may be missing.
  if (stored.size() < stride * (static_cast<size_t>(header.height) - 1) + row_bytes) {
    fail_data("truncated BMP");
  }
  const uint8_t* pixels = as_octets(stored);
  const bool has_alpha = any_alpha(header, pixels, stride);
  Image image(static_cast<int>(header.height), static_cast<int>(header.width));
  for (int64_t y = 0; y < header.height; ++y) {
    const uint8_t* row = pixels + static_cast<size_t>(y) * stride;
    uint8_t* rgb = upright_row(header, image, y);
    if (header.bits <= 8) {
      read_indexed_row(header, row, rgb);
    } else if (header.bits == 24) {
      read_bgr_row(header, row, rgb);
    } else {
      read_field_row(header, row, has_alpha, rgb);
    }
  }
  return image;
}

Image read_runs(const Header& header, Bytes stored) {
  const std::vector<uint8_t> indices =
      expand_bmp_runs(stored, header.bits == 4, header.height, header.width);
  Image image(static_cast<int>(header.height), static_cast<int>(header.width));
  for (int64_t y = 0; y < header.height; ++y) {
    uint8_t* rgb = upright_row(header, image, y);
    const uint8_t* row = &indices[static_cast<size_t>(y * header.width)];
    for (int64_t x = 0; x < header.width; ++x) {
      rgb = std::copy_n(header.palette[row[x]].begin(), 3, rgb);
    }
  }
  return image;
}

}  // namespace

DecodedImage decode_bmp(Bytes file, const DecodeOptions& options) {
  const Header header = read_header(BmpBytes(file));
  check_size(header.height, header.width, options);
  if (options.only_size) return only_size(header.height, header.width);
  if (header.pixel_offset > file.size()) fail_data("truncated BMP");
  const Bytes stored = file.subspan(header.pixel_offset);
  const bool runs = header.compression == kRle8 || header.compression == kRle4;
  return runs ? read_runs(header, stored) : read_bmp_rows(header, stored);
}

}  // namespace nolabel
