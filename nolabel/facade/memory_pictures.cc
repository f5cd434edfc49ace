#include "nolabel/facade/memory_pictures.h"

#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"

namespace nolabel {
namespace {

// As `nolabel predict` keeps pictures from files.
Image kept(ImageView image, const PictureSize& size, CacheFormat format) {
  if (!image.data || image.height < 1 || image.width < 1) {
    fail_usage("a picture must have pixels. Received {} rows of {}{}.", image.height, image.width,
               image.data ? "" : " at no address");
  }
  Image picture = kept_picture(image, size);
  if (format == CacheFormat::raw) return picture;
  return decompress(compress(picture.view()), picture.height, picture.width);
}

}  // namespace

Dataset memory_dataset(std::span<const ImageView> pictures, const PictureSize& size,
                       CacheFormat format, int threads) {
  std::vector<Image> kept_pictures(pictures.size());
  constexpr int64_t at_once = 8;
  parallel_for(std::ssize(pictures), threads, at_once, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) kept_pictures[i] = kept(pictures[i], size, format);
  });
  return make_dataset(kept_pictures, std::vector<std::string>(pictures.size()));
}

}  // namespace nolabel
