// TIFF by libtiff: gray, RGB and CMYK of any depth from the samples (tiff_samples.h); palettes,
// YCbCr, Lab and LogLuv by libtiff's RGBA interface. Of several pages the first.
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/exif.h"
#include "nolabel/image/tiff_samples.h"

namespace nolabel {
namespace {

// The file in memory as libtiff wants it, and its first error.
struct TiffInput {
  Bytes file;
  uint64_t position = 0;
  std::string error;
};

TiffInput& input(thandle_t handle) {
  return *static_cast<TiffInput*>(handle);
}

tmsize_t read_input(thandle_t handle, void* out, tmsize_t bytes) {
  TiffInput& in = input(handle);
  if (bytes <= 0 || in.position >= in.file.size()) return 0;
  const uint64_t n = std::min<uint64_t>(bytes, in.file.size() - in.position);
  std::memcpy(out, in.file.data() + in.position, n);
  in.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t refuse_to_write(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_input(thandle_t handle, toff_t offset, int whence) {
  TiffInput& in = input(handle);
  if (whence == SEEK_CUR) offset += in.position;
  if (whence == SEEK_END) offset += in.file.size();
  return in.position = offset;
}

int close_input(thandle_t) {
  return 0;
}
toff_t input_size(thandle_t handle) {
  return input(handle).file.size();
}

int keep_first_error(TIFF*, void* user, const char*, const char* pattern, va_list arguments) {
  TiffInput& in = *static_cast<TiffInput*>(user);
  if (in.error.empty()) {
    char message[256] = "";
    std::vsnprintf(message, sizeof message, pattern, arguments);
    // Messages that name the file begin with its empty name.
    in.error =
        first_line(std::string_view(message).substr(std::strncmp(message, ": ", 2) == 0 ? 2 : 0));
  }
  return 1;  // handled: the process-wide handler, which prints, is not called
}

int drop_warning(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

Tiff open(TiffInput& in, const DecodeOptions& options) {
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> settings(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(settings.get(), keep_first_error, &in);
  TIFFOpenOptionsSetWarningHandlerExtR(settings.get(), drop_warning, nullptr);
  TIFFOpenOptionsSetMaxSingleMemAlloc(settings.get(), tiff_memory_limit(options));
  // Not "rm": libtiff 4.5 then refuses uncompressed tiles that are smaller than its read buffer.
  // Without functions that map the file, "r" maps nothing either.
  return Tiff(TIFFClientOpenExt("", "r", &in, read_input, refuse_to_write, seek_input, close_input,
                                input_size, nullptr, nullptr, settings.get()),
              TIFFClose);
}

// The first page by the RGBA interface, as stored.
Image read_rgba(TIFF* tiff, const TiffInput& in, uint32_t height, uint32_t width) {
  TIFFRGBAImage begun;
  char reason[1024] = "";
  constexpr int kStopAtErrors = 1;
  if (TIFFRGBAImageBegin(&begun, tiff, kStopAtErrors, reason) == 0) {
    fail_data("TIFF of a kind that nolabel does not read: {}", first_line(reason));
  }
  const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> reader(&begun, TIFFRGBAImageEnd);
  // As stored: libtiff would mirror, but not exchange rows and columns.
  begun.orientation = begun.req_orientation = ORIENTATION_TOPLEFT;

  const size_t pixels = size_t{height} * width;
  std::vector<uint32_t> raster(pixels);  // bytes R, G, B, A (the host is little-endian)
  if (TIFFRGBAImageGet(&begun, raster.data(), width, height) == 0) {
    fail_data("truncated or corrupt TIFF: {}", in.error);
  }
  Image image(static_cast<int>(height), static_cast<int>(width));
  // libtiff multiplies these colors by alpha.
  premultiplied_over_white(reinterpret_cast<const uint8_t*>(raster.data()), pixels,
                           image.pixels.data());
  return image;
}

}  // namespace

int64_t tiff_memory_limit(const DecodeOptions& options) {
  return options.max_pixels * 8 + 65536;
}

DecodedImage decode_tiff(Bytes file, const DecodeOptions& options) {
  TiffInput in{file, 0, {}};
  const Tiff tiff = open(in, options);
  if (tiff == nullptr) fail_data("truncated or corrupt TIFF: {}", in.error);
  uint32_t height = 0, width = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  check_size(height, width, options);
  uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  if (options.only_size) return only_size(height, width, orientation);

  const std::optional<TiffLayout> layout = tiff_layout(tiff.get());
  if (!layout) {
    return apply_orientation(read_rgba(tiff.get(), in, height, width), orientation);
  }
  std::optional<DecodedImage> decoded = read_tiff_samples(tiff.get(), *layout, options);
  if (!decoded) fail_data("truncated or corrupt TIFF: {}", in.error);
  return {apply_orientation(std::move(decoded->image), orientation), decoded->remarks};
}

}  // namespace nolabel
