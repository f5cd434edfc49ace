// Private to this folder: the one thing read from EXIF, which way up the picture is.
#pragma once

#include <cstddef>
#include <span>

#include "nolabel/image/image.h"

namespace nolabel {

// EXIF's tag 0x0112 from a block that starts with the TIFF header, with or without "Exif\0\0"
// before it. 1..8; 1 (upright) when it is absent or the block is damaged.
int exif_orientation(std::span<const std::byte> block);

// Turns a stored picture upright: 2..4 mirror and rotate by 180 degrees, 5..8 exchange rows and
// columns. 1, and anything outside 1..8, returns it as it is.
Image apply_orientation(Image stored, int orientation);

}  // namespace nolabel
