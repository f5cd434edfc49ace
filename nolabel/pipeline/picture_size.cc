#include "nolabel/pipeline/picture_size.h"

namespace nolabel {

PictureSize picture_size(const BackboneDescription& network, int image_size) {
  return preprocessing(network, image_size).pictures;
}

}  // namespace nolabel
