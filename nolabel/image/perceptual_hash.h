// A perceptual hash: 63 bits that change little when an image is recompressed or resized. Each bit
// says whether one of the low frequencies of the luminance (discrete cosine transform) is above the
// median of all of them; see Zauner, "Implementation and Benchmarking of Perceptual Image Hash
// Functions" (2010).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "nolabel/image/luminance.h"

namespace nolabel {

// Of the window of an image. Nothing where the window is plain: noise would then decide the bits.
std::optional<uint64_t> perceptual_hash(const Luminance& image, const Window& window = {});

// Windows whose hashes a slightly cropped copy of the image may have: the whole, and windows of
// 95 % and 90 % of each side.
inline constexpr size_t kCropWindows = 15;
const std::array<Window, kCropWindows>& crop_windows();

}  // namespace nolabel
