// Private to this folder: one decoder per format, and what they share. decode.cc chooses.
//
// Every decoder takes the whole file, checks the size with check_size before it allocates pixels,
// throws Error(Fault::data) with the reason, and returns the picture upright.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "nolabel/image/decode.h"

namespace nolabel {

using Bytes = std::span<const std::byte>;

DecodedImage decode_jpeg(Bytes file, const DecodeOptions& options);
DecodedImage decode_png(Bytes file, const DecodeOptions& options);
DecodedImage decode_webp(Bytes file, const DecodeOptions& options);
DecodedImage decode_tiff(Bytes file, const DecodeOptions& options);
DecodedImage decode_heif(Bytes file, const DecodeOptions& options);  // HEIC and AVIF
DecodedImage decode_pnm(Bytes file, const DecodeOptions& options);  // PPM and PGM, binary and plain
DecodedImage decode_bmp(Bytes file, const DecodeOptions& options);
DecodedImage decode_gif(Bytes file, const DecodeOptions& options);  // the first frame

// Throws unless height and width are positive and height * width <= options.max_pixels.
void check_size(int64_t height, int64_t width, const DecodeOptions& options);

// What a decoder returns for DecodeOptions::only_size.
DecodedImage only_size(int64_t height, int64_t width, int orientation = 1);

// A library's message up to the first line break: reasons are one line.
std::string first_line(std::string_view message);

inline const uint8_t* as_octets(Bytes bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

}  // namespace nolabel
