// RGB to bytes of a picture file, for reports, contact sheets and thumbnails. No metadata is
// written (no EXIF, no GPS).
#pragma once

#include <string>

#include "nolabel/image/image.h"

namespace nolabel {

// How much of the color a JPEG keeps: one sample for four pixels, as cameras do, or all.
enum class Chroma { halved, full };

// quality 1..100. Throws Error(Fault::system) when the encoder refuses.
std::string encode_jpeg(ImageView image, int quality = 85, Chroma chroma = Chroma::halved);
std::string encode_png(ImageView image);

}  // namespace nolabel
