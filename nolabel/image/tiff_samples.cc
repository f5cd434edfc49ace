#include "nolabel/image/tiff_samples.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>

#include "nolabel/base/error.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

// IEEE 754 binary16.
struct Half {
  uint16_t bits;

  operator float() const {
    const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
    float magnitude = 0;
    if (exponent == 31) {
      magnitude = fraction == 0 ? INFINITY : NAN;
    } else if (exponent == 0) {
      magnitude = std::ldexp(static_cast<float>(fraction), -24);
    } else {
      magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
};

// Some samples of a decoded row: the places first, first + step … (count of them) go to out,
// out + out_step …
struct RowPart {
  const uint8_t* row;
  size_t first, step, count;
  size_t out_step;
};

// Samples that fill whole bytes; libtiff has put these in the host's order.
template <class Stored, class T>
void unpack_whole(const RowPart& part, T* out) {
  const uint8_t* from = part.row + part.first * sizeof(Stored);
  for (size_t i = 0; i < part.count; ++i) {
    Stored value;
    std::memcpy(&value, from, sizeof value);
    *out = static_cast<T>(value);
    from += part.step * sizeof(Stored);
    out += part.out_step;
  }
}

// Samples of any number of bits up to 32, one after the other, the highest bit first.
template <class T>
void unpack_bits(const RowPart& part, uint32_t bits, T* out) {
  for (size_t i = 0; i < part.count; ++i, out += part.out_step) {
    uint64_t position = uint64_t{part.first + i * part.step} * bits, value = 0;
    for (uint32_t left = bits; left > 0;) {
      const uint32_t in_byte = position % 8, taken = std::min(left, 8 - in_byte);
      const uint32_t shift = 8 - in_byte - taken, octet = part.row[position / 8];
      value = (value << taken) | ((octet >> shift) & ((1U << taken) - 1));
      position += taken;
      left -= taken;
    }
    *out = static_cast<T>(value);
  }
}

template <class T>
void unpack(const RowPart& part, const TiffLayout& layout, T* out) {
  const bool real = layout.format == SAMPLEFORMAT_IEEEFP;
  const bool has_sign = layout.format == SAMPLEFORMAT_INT;
  switch (layout.bits) {
    case 8:
      return has_sign ? unpack_whole<int8_t>(part, out) : unpack_whole<uint8_t>(part, out);
    case 16:
      if (real) return unpack_whole<Half>(part, out);
      return has_sign ? unpack_whole<int16_t>(part, out) : unpack_whole<uint16_t>(part, out);
    case 32:
      if (real) return unpack_whole<float>(part, out);
      return has_sign ? unpack_whole<int32_t>(part, out) : unpack_whole<uint32_t>(part, out);
    case 64:
      if (real) return unpack_whole<double>(part, out);
      return has_sign ? unpack_whole<int64_t>(part, out) : unpack_whole<uint64_t>(part, out);
    default:
      return unpack_bits(part, layout.bits, out);
  }
}

// A strip or a tile: which pixels it holds, and how long its rows are.
struct Block {
  uint32_t top, left, height, width;
  size_t row_bytes;
};

// Reads blocks one after the other into `out` [height, width, bands].
template <class T>
class SampleReader {
 public:
  SampleReader(TIFF* tiff, const TiffLayout& layout, size_t most_bytes, T* out)
      : tiff_(tiff), layout_(layout), out_(out) {
    if (layout.tiled) {
      TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &block_width_);
      TIFFGetField(tiff, TIFFTAG_TILELENGTH, &block_height_);
    } else {
      TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &block_height_);
      block_width_ = layout.width;
      block_height_ = std::min(block_height_, layout.height);
    }
    if (block_width_ == 0 || block_height_ == 0) fail_data("corrupt TIFF: empty strips or tiles");
    const uint64_t row_bits =
        uint64_t{block_width_} * layout.bits * (layout.planar ? 1 : layout.samples);
    row_bytes_ = (row_bits + 7) / 8;
    if (row_bytes_ > most_bytes / block_height_) {
      fail_data("too large: a strip or tile of {} bytes in each of {} rows", row_bytes_,
                block_height_);
    }
    buffer_bytes_ = row_bytes_ * block_height_;
    buffer_ = std::make_unique_for_overwrite<uint8_t[]>(buffer_bytes_);
  }

  // False when libtiff has met an error.
  bool read() {
    for (uint32_t top = 0; top < layout_.height; top += block_height_) {
      for (uint32_t left = 0; left < layout_.width; left += block_width_) {
        if (!read_bands(block_at(top, left))) return false;
        if (layout_.width - left <= block_width_) break;
      }
      if (layout_.height - top <= block_height_) break;
    }
    return true;
  }

 private:
  Block block_at(uint32_t top, uint32_t left) const {
    return {top, left, std::min(block_height_, layout_.height - top),
            std::min(block_width_, layout_.width - left), row_bytes_};
  }

  bool read_bands(const Block& block) {
    if (!layout_.planar && !decode(block, 0)) return false;
    if (takes_rows_whole()) {
      unpack_rows(block);
      return true;
    }
    for (size_t i = 0; i < layout_.bands.size(); ++i) {
      if (layout_.planar && !decode(block, layout_.bands[i])) return false;
      unpack_band(block, i);
    }
    return true;
  }

  // Decodes the block into the buffer. A tile is always whole, the last strip is not.
  bool decode(const Block& block, uint16_t plane) {
    const uint32_t rows = layout_.tiled ? block_height_ : block.height;
    const auto wanted = static_cast<tmsize_t>(row_bytes_ * rows);
    const tmsize_t got =
        layout_.tiled
            ? TIFFReadEncodedTile(tiff_, TIFFComputeTile(tiff_, block.left, block.top, 0, plane),
                                  buffer_.get(), wanted)
            : TIFFReadEncodedStrip(tiff_, TIFFComputeStrip(tiff_, block.top, plane), buffer_.get(),
                                   wanted);
    return got >= wanted;
  }

  // All samples of a row are wanted, in their order.
  bool takes_rows_whole() const {
    if (layout_.planar || layout_.bands.size() != layout_.samples) return false;
    return std::ranges::is_sorted(layout_.bands);
  }

  void unpack_rows(const Block& block) {
    const size_t bands = layout_.bands.size();
    for (uint32_t y = 0; y < block.height; ++y) {
      const RowPart part{.row = &buffer_[y * row_bytes_],
                         .first = 0,
                         .step = 1,
                         .count = block.width * bands,
                         .out_step = 1};
      const size_t pixel = size_t{block.top + y} * layout_.width + block.left;
      unpack(part, layout_, out_ + pixel * bands);
    }
  }

  void unpack_band(const Block& block, size_t i) {
    const size_t bands = layout_.bands.size();
    for (uint32_t y = 0; y < block.height; ++y) {
      const RowPart part{.row = &buffer_[y * row_bytes_],
                         .first = layout_.planar ? size_t{0} : layout_.bands[i],
                         .step = layout_.planar ? size_t{1} : layout_.samples,
                         .count = block.width,
                         .out_step = bands};
      const size_t pixel = size_t{block.top + y} * layout_.width + block.left;
      unpack(part, layout_, out_ + pixel * bands + i);
    }
  }

  TIFF* tiff_;
  const TiffLayout& layout_;
  T* out_;
  uint32_t block_width_ = 0, block_height_ = 0;
  size_t row_bytes_ = 0, buffer_bytes_ = 0;
  std::unique_ptr<uint8_t[]> buffer_;
};

template <class T>
std::optional<DecodedImage> read_as(TIFF* tiff, const TiffLayout& layout,
                                    std::optional<double> stated_white,
                                    const DecodeOptions& options) {
  const auto most_bytes = static_cast<size_t>(tiff_memory_limit(options));
  const size_t values = size_t{layout.height} * layout.width * layout.bands.size();
  if (values > most_bytes / sizeof(T)) {
    fail_data("too large: {} x {} pixels of {} bits in {} bands", layout.width, layout.height,
              layout.bits, layout.bands.size());
  }
  const auto samples = std::make_unique_for_overwrite<T[]>(values);
  if (!SampleReader<T>(tiff, layout, most_bytes, samples.get()).read()) return std::nullopt;
  DecodedImage decoded =
      compose(samples.get(), {.height = layout.height,
                              .width = layout.width,
                              .color = layout.color,
                              .alpha = layout.alpha,
                              .zero_is_white = layout.zero_is_white,
                              .stated_white = stated_white,
                              .missing = layout.missing,
                              // Pale prints use little ink; 8 bits are full of levels anyway.
                              .scales_levels = layout.color != SampleColor::cmyk && sizeof(T) > 1});
  decoded.remarks.bands_dropped = layout.bands_dropped;
  return decoded;
}

}  // namespace

std::optional<DecodedImage> read_tiff_samples(TIFF* tiff, const TiffLayout& layout,
                                              const DecodeOptions& options) {
  const bool whole = layout.format == SAMPLEFORMAT_UINT || layout.format == SAMPLEFORMAT_VOID;
  const double white = std::ldexp(1.0, layout.bits) - 1;
  if (whole && layout.bits <= 8) return read_as<uint8_t>(tiff, layout, white, options);
  if (whole && layout.bits <= 16) return read_as<uint16_t>(tiff, layout, white, options);
  return read_as<float>(tiff, layout, std::nullopt, options);
}

}  // namespace nolabel
