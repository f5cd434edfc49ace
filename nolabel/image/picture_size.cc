#include "nolabel/image/picture_size.h"

#include <algorithm>

namespace nolabel {

PictureSize for_other_views(PictureSize size, int view_side, int other_side) {
  const int64_t scaled = int64_t{size.short_side} * other_side;
  size.short_side = static_cast<int>((scaled + view_side - 1) / view_side);
  return size;
}

int kept_short_side(int short_side, const PictureSize& size) {
  if (size.short_side == 0) return short_side;
  return size.enlarge ? size.short_side : std::min(short_side, size.short_side);
}

Image kept_picture(ImageView picture, const PictureSize& size) {
  if (size.short_side == 0)
    return resize_short_side(picture, std::min(picture.height, picture.width));
  const int short_side = std::min(picture.height, picture.width);
  const int side = kept_short_side(short_side, size);
  if (!size.squash) return resize_short_side(picture, side, size.interpolation);
  Image squashed(side, side);
  const Box whole{0, 0, static_cast<double>(picture.width), static_cast<double>(picture.height)};
  ResizeScratch scratch;
  resize_into(picture, whole, side, side, squashed.pixels.data(), scratch, size.interpolation);
  return squashed;
}

Image kept_picture(Image picture, const PictureSize& size) {
  if (size.short_side == 0) return picture;
  const int side = kept_short_side(std::min(picture.height, picture.width), size);
  const bool stays = size.squash ? picture.height == side && picture.width == side
                                 : std::min(picture.height, picture.width) == side;
  return stays ? picture : kept_picture(picture.view(), size);
}

}  // namespace nolabel
