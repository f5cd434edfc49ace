// HEIC and AVIF by libheif (heif_plugin.h), which turns pictures upright itself (their EXIF only
// repeats it).
#include <algorithm>
#include <memory>
#include <new>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/heif_plugin.h"

namespace nolabel {
namespace {

void check_heif(const HeifProblem& problem) {
  if (problem.no_memory) throw std::bad_alloc();
  if (problem.reason) fail_data("truncated or corrupt HEIF: {}", first_line(problem.reason));
}

}  // namespace

DecodedImage decode_heif(Bytes file, const DecodeOptions& options) {
  const HeifPlugin& plugin = load_heif();
  if (!plugin.functions) fail_data("{}", plugin.problem);
  const HeifFunctions& heif = *plugin.functions;

  void* opened = nullptr;
  HeifSizes sizes;
  check_heif(heif.open(file.data(), file.size(), &opened, &sizes));
  const std::unique_ptr<void, void (*)(void*)> picture(opened, heif.close);
  check_size(sizes.height, sizes.width, options);
  check_size(sizes.coded_height, sizes.coded_width, options);
  if (options.only_size) return only_size(sizes.height, sizes.width);

  HeifPixels pixels;
  check_heif(heif.decode(picture.get(), &pixels));
  if (pixels.rows == nullptr) fail_data("corrupt HEIF: no pixels");
  check_size(pixels.height, pixels.width, options);

  const int width = pixels.width;
  Image image(pixels.height, width);
  for (int y = 0; y < pixels.height; ++y) {
    const uint8_t* from = pixels.rows + y * pixels.stride;
    uint8_t* to = &image.pixels[size_t(y) * width * 3];
    if (!sizes.has_alpha) {
      std::copy_n(from, size_t(width) * 3, to);
    } else {
      (sizes.is_premultiplied ? premultiplied_over_white : over_white)(from, width, to);
    }
  }
  return image;
}

}  // namespace nolabel
