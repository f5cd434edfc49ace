// BMP, and the first frame of a GIF, by stb_image.
#include <algorithm>
#include <cstring>
#include <memory>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"

#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace nolabel {
namespace {

// stb_image takes missing bytes for zeros; this source notices that it asked for them.
struct StbSource {
  Bytes rest;
  bool starved = false;

  static int read(void* user, char* out, int bytes) {
    auto& source = *static_cast<StbSource*>(user);
    source.starved |= source.rest.empty();
    const size_t n = std::min<size_t>(std::max(bytes, 0), source.rest.size());
    std::memcpy(out, source.rest.data(), n);
    source.rest = source.rest.subspan(n);
    return static_cast<int>(n);
  }
  static void skip(void* user, int bytes) {
    auto& source = *static_cast<StbSource*>(user);
    const size_t n = static_cast<size_t>(std::max(bytes, 0));
    source.starved |= n > source.rest.size();
    source.rest = source.rest.subspan(std::min(n, source.rest.size()));
  }
  static int at_end(void* user) { return static_cast<StbSource*>(user)->rest.empty(); }
};

constexpr stbi_io_callbacks kCallbacks{StbSource::read, StbSource::skip, StbSource::at_end};

[[noreturn]] void fail(const StbSource& source, const char* format_name) {
  if (source.starved) fail_data("truncated {}", format_name);
  const char* reason = stbi_failure_reason();
  fail_data("corrupt {}: {}", format_name, reason != nullptr ? reason : "no reason given");
}

}  // namespace

Image decode_stb(Bytes file, const DecodeOptions& options) {
  const char* format_name = file[0] == std::byte{'G'} ? "GIF" : "BMP";
  int width = 0, height = 0, channels = 0;
  StbSource header{file};
  if (stbi_info_from_callbacks(&kCallbacks, &header, &width, &height, &channels) == 0) {
    fail(header, format_name);
  }
  check_size(height, width, options);

  StbSource source{file};
  const std::unique_ptr<uint8_t, void (*)(void*)> rgba(
      stbi_load_from_callbacks(&kCallbacks, &source, &width, &height, &channels, STBI_rgb_alpha),
      stbi_image_free);
  if (rgba == nullptr || source.starved) fail(source, format_name);
  Image image(height, width);
  over_white(rgba.get(), size_t(height) * width, image.pixels.data());
  return image;
}

}  // namespace nolabel
