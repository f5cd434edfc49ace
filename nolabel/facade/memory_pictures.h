// Pictures that a caller holds in memory, as the data set that a network sees. Private to this
// folder.
#pragma once

#include <span>

#include "nolabel/data/dataset.h"
#include "nolabel/data/source.h"
#include "nolabel/image/image.h"
#include "nolabel/image/picture_size.h"

namespace nolabel {

// The pictures in their order, kept as those of files are: shrunk to `size`, and compressed where
// `format` says so. Throws Error(usage) for a picture without pixels.
Dataset memory_dataset(std::span<const ImageView> pictures, const PictureSize& size,
                       CacheFormat format, int threads);

}  // namespace nolabel
