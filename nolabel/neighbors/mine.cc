#include "nolabel/neighbors/mine.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {

Matrix<int64_t> mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                               const Observer& observer) {
  const int64_t images = features.size(0);
  if (images < 2) fail_usage("mining must have 2 images or more. Received {}.", images);
  if (options.neighbors < 1 || options.neighbors >= images) {
    fail_usage("the number of neighbors must be 1..{} for {} images. Received {}.", images - 1,
               images, options.neighbors);
  }
  const SearchOptions search{.count = options.neighbors + 1,
                             .normalise = options.normalise,
                             .memory_bytes = options.memory_bytes,
                             .threads = options.threads};
  return find_nearest_to_each_other(features.contiguous(), search, observer).indices;
}

}  // namespace nolabel
