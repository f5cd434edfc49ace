// One picture of a compressed cache: a JPEG of quality 95 with all of its color, behind a checksum.
//
// Its pixels depend on nothing but the picture: libjpeg-turbo's integer transform gives the same
// bits with every instruction set. Why JPEG, and at which error and size: docs/performance.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nolabel/image/image.h"

namespace nolabel {

// That an image takes in a block: of its compressed picture, or, where there is none (0), of its
// pixels.
inline uint64_t stored_bytes(int32_t height, int32_t width, uint32_t compressed_bytes) {
  if (compressed_bytes > 0) return compressed_bytes;
  return uint64_t{3} * static_cast<uint64_t>(height) * static_cast<uint64_t>(width);
}

// What stands before the colon in the fingerprint of pixels that went through it.
inline constexpr std::string_view compressed_form = "jpeg95";

std::string compress(ImageView image);

// Thread-safe. Throws Error(Fault::data), the message being the reason alone, unless `bytes` are
// what compress() made of a picture of that size.
Image decompress(std::string_view bytes, int height, int width);

}  // namespace nolabel
