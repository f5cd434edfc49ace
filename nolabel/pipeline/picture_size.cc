#include "nolabel/pipeline/picture_size.h"

namespace nolabel {

PictureSize picture_size(const BackboneDescription& network, int image_size) {
  const Preprocessing published = preprocessing(network, image_size);
  return {published.short_side, published.enlarge, published.squash, published.interpolation};
}

}  // namespace nolabel
