// Private to this folder: the run lengths of BMP (RLE8 and RLE4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nolabel {

// Palette indices [height, width], rows as stored (from the bottom up). Pixels that the runs jump
// over have index 0. `nibbles` means RLE4: two pixels in a byte, the left one in the higher bits.
// Throws Error(Fault::data) when the runs stop before the last row without the end marker.
std::vector<uint8_t> expand_bmp_runs(std::span<const std::byte> runs, bool nibbles, int64_t height,
                                     int64_t width);

}  // namespace nolabel
