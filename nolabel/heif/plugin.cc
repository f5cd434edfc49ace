// libnolabel_heif.so: HEIC and AVIF by libheif. See nolabel/image/heif_plugin.h.
#include <libheif/heif.h>

#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "nolabel/image/heif_plugin.h"

namespace nolabel {
namespace {

struct Picture {
  std::unique_ptr<heif_context, void (*)(heif_context*)> context{heif_context_alloc(),
                                                                 heif_context_free};
  std::unique_ptr<const heif_image_handle, void (*)(const heif_image_handle*)> handle{
      nullptr, heif_image_handle_release};
  std::unique_ptr<const heif_image, void (*)(const heif_image*)> decoded{nullptr,
                                                                         heif_image_release};
};

// The message of an error may belong to the context.
void check(const heif_error& error) {
  if (error.code != heif_error_Ok) throw std::runtime_error(error.message);
}

// No exception leaves this library, neither ours nor one of libheif, which is C++ behind its C
// interface.
template <class Work>
HeifProblem guarded(const Work& work) noexcept {
  thread_local std::string reason;
  try {
    work();
    return {};
  } catch (const std::bad_alloc&) {
    return {.reason = "out of memory", .no_memory = true};
  } catch (const std::exception& exception) {
    reason = exception.what();
    return {.reason = reason.c_str()};
  }
}

HeifProblem open_picture(const std::byte* file, size_t size, void** opened, HeifSizes* sizes) {
  return guarded([&] {
    auto picture = std::make_unique<Picture>();
    heif_context* const context = picture->context.get();
    // Pictures are decoded in parallel; the tiles of one need no threads of their own.
    heif_context_set_max_decoding_threads(context, 0);
    check(heif_context_read_from_memory_without_copy(context, file, size, nullptr));
    heif_image_handle* handle = nullptr;
    check(heif_context_get_primary_image_handle(context, &handle));
    picture->handle.reset(handle);
    *sizes = {.height = heif_image_handle_get_height(handle),
              .width = heif_image_handle_get_width(handle),
              .coded_height = heif_image_handle_get_ispe_height(handle),
              .coded_width = heif_image_handle_get_ispe_width(handle),
              .has_alpha = heif_image_handle_has_alpha_channel(handle) != 0,
              .is_premultiplied = heif_image_handle_is_premultiplied_alpha(handle) != 0};
    *opened = picture.release();
  });
}

HeifProblem decode_picture(void* opened, HeifPixels* pixels) {
  return guarded([&] {
    Picture& picture = *static_cast<Picture*>(opened);
    const std::unique_ptr<heif_decoding_options, void (*)(heif_decoding_options*)> settings(
        heif_decoding_options_alloc(), heif_decoding_options_free);
    settings->convert_hdr_to_8bit = 1;
    const bool has_alpha = heif_image_handle_has_alpha_channel(picture.handle.get()) != 0;
    heif_image* image = nullptr;
    check(heif_decode_image(picture.handle.get(), &image, heif_colorspace_RGB,
                            has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                            settings.get()));
    picture.decoded.reset(image);
    int stride = 0;
    const uint8_t* rows = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    *pixels = {.rows = rows,
               .stride = stride,
               .height = heif_image_get_height(image, heif_channel_interleaved),
               .width = heif_image_get_width(image, heif_channel_interleaved)};
  });
}

void close_picture(void* opened) {
  delete static_cast<Picture*>(opened);
}

}  // namespace
}  // namespace nolabel

extern "C" const nolabel::HeifFunctions* nolabel_heif_functions() {
  static constexpr nolabel::HeifFunctions functions{nolabel::open_picture, nolabel::decode_picture,
                                                    nolabel::close_picture};
  return &functions;
}
