// PNG by libpng. Gamma and color profiles are ignored, as Pillow does.
#include <png.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/compose.h"
#include "nolabel/image/escape.h"
#include "nolabel/image/exif.h"

namespace nolabel {
namespace {

// Owns libpng's state; its errors leave through `escape`, its warnings are dropped.
struct PngReader {
  Bytes rest;
  bool input_ended = false;
  Escape escape;
  png_structp png = nullptr;
  png_infop info = nullptr;

  explicit PngReader(Bytes file) : rest(file) {
    if (!escape.run([this] { create(); }) || info == nullptr) fail_system("libpng does not start");
  }
  PngReader(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  void create() {
    png = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, this,
        [](png_structp failed, png_const_charp message) {
          static_cast<PngReader*>(png_get_error_ptr(failed))->escape.leave(message);
        },
        [](png_structp, png_const_charp) {});
    if (png == nullptr) return;
    info = png_create_info_struct(png);
    png_set_read_fn(png, this, [](png_structp reader, png_bytep out, size_t bytes) {
      static_cast<PngReader*>(png_get_io_ptr(reader))->read(out, bytes);
    });
  }

  void read(uint8_t* out, size_t bytes) {
    if (bytes > rest.size()) {
      input_ended = true;
      png_error(png, "unexpected end");
    }
    std::memcpy(out, rest.data(), bytes);
    rest = rest.subspan(bytes);
  }

  [[noreturn]] void fail() const {
    if (input_ended) fail_data("truncated PNG");
    fail_data("corrupt PNG: {}", escape.message());
  }
};

// Whatever is stored comes out as RGB or RGBA of 8 or 16 bits.
void set_conversions(png_structp png) {
  png_set_expand(png);  // palettes, 1 to 4 bits, a transparent color
  png_set_swap(png);    // 16 bits as the little-endian host has them
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
}

int png_orientation(png_structp png, png_infop info) {
  png_uint_32 bytes = 0;
  png_bytep block = nullptr;
  if (png_get_eXIf_1(png, info, &bytes, &block) == 0) return 1;
  return exif_orientation(std::as_bytes(std::span(block, bytes)));
}

void read_png_rows(PngReader& reader, uint8_t* out, size_t height, size_t row_bytes) {
  std::vector<png_bytep> rows(height);
  for (size_t y = 0; y < height; ++y) rows[y] = out + y * row_bytes;
  if (!reader.escape.run([&] { png_read_image(reader.png, rows.data()); })) reader.fail();
}

Image read_8_bits(PngReader& reader, size_t height, size_t width, int channels) {
  Image image(static_cast<int>(height), static_cast<int>(width));
  if (channels == 3) {
    read_png_rows(reader, image.pixels.data(), height, width * 3);
  } else {
    std::vector<uint8_t> rgba(height * width * 4);
    read_png_rows(reader, rgba.data(), height, width * 4);
    over_white(rgba.data(), height * width, image.pixels.data());
  }
  return image;
}

DecodedImage read_16_bits(PngReader& reader, size_t height, size_t width, int channels) {
  std::vector<uint16_t> samples(height * width * channels);
  read_png_rows(reader, reinterpret_cast<uint8_t*>(samples.data()), height, width * channels * 2);
  const bool has_alpha = channels == 4;
  return compose(samples.data(), {.height = height,
                                  .width = width,
                                  .color = SampleColor::rgb,
                                  .alpha = has_alpha ? SampleAlpha::straight : SampleAlpha::none,
                                  .stated_white = 65535});
}

}  // namespace

DecodedImage decode_png(Bytes file, const DecodeOptions& options) {
  PngReader reader(file);
  png_structp png = reader.png;
  png_infop info = reader.info;
  if (!reader.escape.run([&] { png_read_info(png, info); })) reader.fail();
  const png_uint_32 height = png_get_image_height(png, info);
  const png_uint_32 width = png_get_image_width(png, info);
  check_size(height, width, options);
  if (options.only_size) return only_size(height, width, png_orientation(png, info));

  const bool converted = reader.escape.run([&] {
    set_conversions(png);
    png_read_update_info(png, info);
  });
  if (!converted) reader.fail();

  const int channels = png_get_channels(png, info);
  DecodedImage decoded = png_get_bit_depth(png, info) == 16
                             ? read_16_bits(reader, height, width, channels)
                             : read_8_bits(reader, height, width, channels);
  // All pixels are there. What follows is EXIF at most, so damage there does not matter.
  const bool ended_well = reader.escape.run([&] { png_read_end(png, info); });
  const int turned = ended_well ? png_orientation(png, info) : 1;
  return {apply_orientation(std::move(decoded.image), turned), decoded.remarks};
}

}  // namespace nolabel
