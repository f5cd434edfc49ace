// Small versions of pictures for pages and sheets. They are made from pixels alone, so nothing of a
// file's metadata (place, camera, time) gets into them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "nolabel/data/dataset.h"
#include "nolabel/image/image.h"

namespace nolabel {

// Resized so that the longer side is `side`, the aspect ratio kept (at least one pixel each way).
Image fit(ImageView source, int side);
// The central square, resized to side x side.
Image square(ImageView source, int side);

// A JPEG as a data: URI. Its shorter side is `side` pixels, because the page shows the central
// square; its longer side is at most twice that. Smaller pictures keep their size.
std::string thumbnail_uri(ImageView source, int side);

// The same of image i of a data set, or of `file`, its picture, where the data set holds it smaller
// than `side` or is nullptr. Empty when there is no picture: the file can have been moved since,
// and names of features need not be files at all.
std::string thumbnail_of(const Dataset* images, int64_t i, const std::filesystem::path& file,
                         int side);

// Square thumbnails of the chosen images, row by row, `columns` in a row, as one JPEG data: URI.
std::string sprite_uri(const Dataset& images, std::span<const int64_t> chosen, int side,
                       int columns, int threads);

}  // namespace nolabel
