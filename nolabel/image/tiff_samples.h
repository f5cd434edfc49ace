// Private to this folder: the samples of a TIFF picture as they are stored, for the pictures that
// libtiff's RGBA interface does not read, or reads wrongly: more than 8 bits, float, signed, and
// bands without a declared meaning (which it takes for alpha).
#pragma once

#include <tiffio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "nolabel/image/compose.h"
#include "nolabel/image/decode.h"

namespace nolabel {

// The most bytes that one allocation for a picture may take: 4 channels of 16 bits, or 2 of float.
int64_t tiff_memory_limit(const DecodeOptions& options);

// What the tags say about the samples of a page.
struct TiffLayout {
  uint32_t height = 0, width = 0;
  uint16_t bits = 1, samples = 1;
  uint16_t format = SAMPLEFORMAT_UINT;
  bool planar = false, tiled = false;
  SampleColor color = SampleColor::gray;
  SampleAlpha alpha = SampleAlpha::none;
  bool zero_is_white = false;
  bool bands_dropped = false;
  std::vector<uint16_t> bands;    // which samples are wanted: the colors and then alpha
  std::optional<double> missing;  // GDAL's tag for the level that stands for "no data"
};

// Nothing when the photometric interpretation is one that only the RGBA interface reads (palette,
// YCbCr, Lab, LogLuv). Throws Error(Fault::data) for samples that nolabel does not read.
std::optional<TiffLayout> tiff_layout(TIFF* tiff);

// Reads the bands of the layout and composes the picture, as stored (not turned upright). Nothing
// when the file is damaged: libtiff has told its error handler why.
std::optional<DecodedImage> read_tiff_samples(TIFF* tiff, const TiffLayout& layout,
                                              const DecodeOptions& options);

}  // namespace nolabel
