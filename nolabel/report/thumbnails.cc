#include "nolabel/report/thumbnails.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"
#include "nolabel/image/resize.h"
#include "nolabel/report/base64.h"
#include "nolabel/report/draw.h"

namespace nolabel {
namespace {

constexpr int kQuality = 80;
// Pictures of 32 or 64 pixels are shown enlarged, where JPEG's blocks would show.
constexpr int kSmall = 64, kSmallQuality = 92;

std::string jpeg_uri(ImageView picture, int quality) {
  return "data:image/jpeg;base64," + base64(encode_jpeg(picture, quality));
}

std::optional<Image> picture_in(const std::filesystem::path& file, int side) {
  if (file.empty()) return std::nullopt;
  try {
    return read_image(file, {.reduce_to_short_side = side});
  } catch (const Error& error) {
    if (error.fault() != Fault::data && error.fault() != Fault::system) throw;
    return std::nullopt;
  }
}

}  // namespace

Image fit(ImageView source, int side) {
  const double scale = static_cast<double>(side) / std::max(source.height, source.width);
  const auto scaled = [scale](int length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  return resize(source, scaled(source.height), scaled(source.width));
}

Image square(ImageView source, int side) {
  const double length = std::min(source.height, source.width);
  const double left = (source.width - length) / 2, top = (source.height - length) / 2;
  return resize(source, Box{left, top, left + length, top + length}, side, side);
}

std::string thumbnail_uri(ImageView source, int side) {
  const int length = std::max(source.height, source.width);
  const int shorter = std::min(source.height, source.width);
  const int wanted = static_cast<int>(std::min<int64_t>(
      std::lround(static_cast<double>(side) * length / shorter), int64_t{2} * side));
  if (length <= wanted) return jpeg_uri(source, length <= kSmall ? kSmallQuality : kQuality);
  return jpeg_uri(fit(source, wanted).view(), kQuality);
}

std::string thumbnail_of(const Dataset* images, int64_t i, const std::filesystem::path& file,
                         int side) {
  if (!images) {
    const std::optional<Image> original = picture_in(file, side);
    return original ? thumbnail_uri(original->view(), side) : "";
  }
  const DatasetImage held = images->image(i);
  if (std::min(held.height(), held.width()) < side) {
    const std::optional<Image> original = picture_in(file, side);
    if (original && original->height > held.height() && original->width > held.width()) {
      return thumbnail_uri(original->view(), side);
    }
  }
  return thumbnail_uri(held.view(), side);
}

std::string sprite_uri(const Dataset& images, std::span<const int64_t> chosen, int side,
                       int columns, int threads) {
  const int rows = (static_cast<int>(chosen.size()) + columns - 1) / columns;
  Image sheet(rows * side, columns * side);
  parallel_for(static_cast<int64_t>(chosen.size()), threads, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto cell = static_cast<int>(i);
      const DatasetImage image = images.image(chosen[i]);
      paste(sheet, square(image.view(), side).view(), cell % columns * side, cell / columns * side);
    }
  });
  return jpeg_uri(sheet.view(), kQuality);
}

}  // namespace nolabel
