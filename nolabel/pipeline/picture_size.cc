#include "nolabel/pipeline/picture_size.h"

#include <algorithm>

namespace nolabel {

PictureSize picture_size(const BackboneDescription& network, int image_size) {
  const Preprocessing published = preprocessing(network, image_size);
  return {published.short_side, published.enlarge, published.interpolation};
}

int kept_short_side(int short_side, const PictureSize& size) {
  return size.enlarge ? size.short_side : std::min(short_side, size.short_side);
}

Image kept_picture(ImageView picture, const PictureSize& size) {
  const int short_side = std::min(picture.height, picture.width);
  return resize_short_side(picture, kept_short_side(short_side, size), size.interpolation);
}

}  // namespace nolabel
