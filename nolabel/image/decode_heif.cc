// HEIC and AVIF by libheif, which turns pictures upright itself (their EXIF only repeats it).
#include <libheif/heif.h>

#include <algorithm>
#include <memory>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(const T*)>;

void check(const heif_error& error) {
  if (error.code != heif_error_Ok)
    fail_data("truncated or corrupt HEIF: {}", first_line(error.message));
}

Owned<heif_image_handle> primary_picture(heif_context* context, Bytes file) {
  check(heif_context_read_from_memory_without_copy(context, file.data(), file.size(), nullptr));
  heif_image_handle* handle = nullptr;
  check(heif_context_get_primary_image_handle(context, &handle));
  return {handle, heif_image_handle_release};
}

// 8-bit interleaved RGB, or RGBA when the picture has alpha.
Owned<heif_image> decode(const heif_image_handle* handle, bool has_alpha) {
  const std::unique_ptr<heif_decoding_options, void (*)(heif_decoding_options*)> settings(
      heif_decoding_options_alloc(), heif_decoding_options_free);
  settings->convert_hdr_to_8bit = 1;
  heif_image* image = nullptr;
  check(heif_decode_image(handle, &image, heif_colorspace_RGB,
                          has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                          settings.get()));
  return {image, heif_image_release};
}

}  // namespace

DecodedImage decode_heif(Bytes file, const DecodeOptions& options) {
  const std::unique_ptr<heif_context, void (*)(heif_context*)> context(heif_context_alloc(),
                                                                       heif_context_free);
  // Pictures are decoded in parallel; the tiles of one need no threads of their own.
  heif_context_set_max_decoding_threads(context.get(), 0);
  const auto handle = primary_picture(context.get(), file);
  check_size(heif_image_handle_get_height(handle.get()), heif_image_handle_get_width(handle.get()),
             options);
  check_size(heif_image_handle_get_ispe_height(handle.get()),
             heif_image_handle_get_ispe_width(handle.get()), options);
  if (options.only_size) {
    return only_size(heif_image_handle_get_height(handle.get()),
                     heif_image_handle_get_width(handle.get()));
  }

  const bool has_alpha = heif_image_handle_has_alpha_channel(handle.get()) != 0;
  const bool premultiplied = heif_image_handle_is_premultiplied_alpha(handle.get()) != 0;
  const auto decoded = decode(handle.get(), has_alpha);
  const int height = heif_image_get_height(decoded.get(), heif_channel_interleaved);
  const int width = heif_image_get_width(decoded.get(), heif_channel_interleaved);
  int stride = 0;
  const uint8_t* plane =
      heif_image_get_plane_readonly(decoded.get(), heif_channel_interleaved, &stride);
  if (plane == nullptr) fail_data("corrupt HEIF: no pixels");
  check_size(height, width, options);

  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    const uint8_t* from = plane + static_cast<ptrdiff_t>(y) * stride;
    uint8_t* to = &image.pixels[size_t(y) * width * 3];
    if (!has_alpha) {
      std::copy_n(from, size_t(width) * 3, to);
    } else {
      (premultiplied ? premultiplied_over_white : over_white)(from, width, to);
    }
  }
  return image;
}

}  // namespace nolabel
