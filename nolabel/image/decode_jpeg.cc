// JPEG by libjpeg-turbo, with the decoder settings that Pillow uses.
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/escape.h"
#include "nolabel/image/exif.h"

namespace nolabel {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kRowsPerCall = 16;

// Owns libjpeg's state; its errors leave through `escape`, its warnings are remembered.
struct Decompressor {
  jpeg_decompress_struct info{};
  jpeg_error_mgr callbacks{};
  Escape escape;
  bool input_ended = false;   // the decoder asked for bytes past the end of the file
  bool data_missing = false;  // it filled in pixels that it had no data for

  Decompressor() {
    info.err = jpeg_std_error(&callbacks);
    info.client_data = this;
    callbacks.error_exit = [](j_common_ptr common) {
      char message[JMSG_LENGTH_MAX];
      common->err->format_message(common, message);
      self(common).escape.leave(message);
    };
    callbacks.emit_message = [](j_common_ptr common, int level) {
      if (level >= 0) return;  // a trace, not a warning
      self(common).input_ended |= common->err->msg_code == JWRN_JPEG_EOF;
      self(common).data_missing |= common->err->msg_code == JWRN_HIT_MARKER;
    };
    callbacks.output_message = [](j_common_ptr) {};
    if (!escape.run([this] { jpeg_create_decompress(&info); })) fail();
  }
  Decompressor(const Decompressor&) = delete;
  ~Decompressor() { jpeg_destroy_decompress(&info); }

  static Decompressor& self(j_common_ptr common) {
    return *static_cast<Decompressor*>(common->client_data);
  }

  [[noreturn]] void fail() const {
    if (input_ended) fail_data("truncated JPEG");
    fail_data("corrupt JPEG: {}", escape.message());
  }

  // A file that lacks only its end marker is whole. With several scans, or arithmetic coding, an
  // early end cannot be told from missing data.
  bool truncated() {
    return input_ended && (data_missing || info.arith_code || jpeg_has_multiple_scans(&info));
  }
};

// The strongest reduction that leaves the short side at least `length` long.
unsigned reduction(const jpeg_decompress_struct& info, int length) {
  if (length <= 0) return 1;
  const unsigned short_side = std::min(info.image_width, info.image_height);
  for (const unsigned factor : {8u, 4u, 2u}) {
    if ((short_side + factor - 1) / factor >= static_cast<unsigned>(length)) return factor;
  }
  return 1;
}

int jpeg_orientation(const jpeg_decompress_struct& info) {
  for (auto marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const Bytes block = std::as_bytes(std::span(marker->data, marker->data_length));
    constexpr char kExif[] = "Exif\0";  // and the closing zero
    if (marker->marker == kExifMarker && block.size() > sizeof kExif &&
        std::equal(kExif, kExif + sizeof kExif, marker->data)) {
      return exif_orientation(block);
    }
  }
  return 1;
}

// CMYK as Adobe stores it, inverted: each value says how much light is left.
void four_inks_to_rgb(const uint8_t* cmyk, int n, uint8_t* rgb) {
  for (int i = 0; i < n; ++i, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>(cmyk[3] - divide_by_255((255 - cmyk[c]) * cmyk[3]));
    }
  }
}

// All rows, [height, width, components of the output].
void read_jpeg_rows(jpeg_decompress_struct& info, uint8_t* out) {
  const size_t row_bytes = size_t{info.output_width} * info.output_components;
  while (info.output_scanline < info.output_height) {
    JSAMPROW rows[kRowsPerCall];
    const JDIMENSION wanted =
        std::min<JDIMENSION>(kRowsPerCall, info.output_height - info.output_scanline);
    for (JDIMENSION i = 0; i < wanted; ++i) rows[i] = out + (info.output_scanline + i) * row_bytes;
    jpeg_read_scanlines(&info, rows, wanted);
  }
}

}  // namespace

DecodedImage decode_jpeg(Bytes file, const DecodeOptions& options) {
  Decompressor jpeg;
  jpeg_decompress_struct& info = jpeg.info;
  const bool has_header = jpeg.escape.run([&] {
    jpeg_mem_src(&info, as_octets(file), file.size());
    jpeg_save_markers(&info, kExifMarker, 0xFFFF);
    jpeg_read_header(&info, TRUE);
  });
  if (!has_header) jpeg.fail();
  check_size(info.image_height, info.image_width, options);
  if (options.only_size) {
    return only_size(info.image_height, info.image_width, jpeg_orientation(info));
  }

  const bool four_inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = four_inks ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = reduction(info, options.reduce_to_short_side);
  if (!jpeg.escape.run([&] { jpeg_start_decompress(&info); })) jpeg.fail();

  Image image(static_cast<int>(info.output_height), static_cast<int>(info.output_width));
  const size_t pixels = size_t{info.output_height} * info.output_width;
  std::vector<uint8_t> inks(four_inks ? pixels * 4 : 0);
  uint8_t* rows = four_inks ? inks.data() : image.pixels.data();
  if (!jpeg.escape.run([&] { read_jpeg_rows(info, rows); })) jpeg.fail();
  if (jpeg.truncated()) fail_data("truncated JPEG");
  if (four_inks) four_inks_to_rgb(inks.data(), static_cast<int>(pixels), image.pixels.data());
  return apply_orientation(std::move(image), jpeg_orientation(info));
}

}  // namespace nolabel
