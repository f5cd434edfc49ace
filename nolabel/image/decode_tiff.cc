// TIFF by libtiff's RGBA interface: every compression, tiling, palette and photometric that it
// knows, 1 to 16 bits. Of several pages the first.
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/alpha.h"
#include "nolabel/image/codecs.h"
#include "nolabel/image/exif.h"

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
  // A strip or tile holds at most 4 channels of 16 bits; what claims more is damaged.
  TIFFOpenOptionsSetMaxSingleMemAlloc(settings.get(), options.max_pixels * 8 + 65536);
  return Tiff(TIFFClientOpenExt("", "rm", &in, read_input, refuse_to_write, seek_input, close_input,
                                input_size, nullptr, nullptr, settings.get()),
              TIFFClose);
}

// libtiff multiplies colors by alpha, except in grayscale pictures with separate alpha.
bool is_premultiplied(const TIFFRGBAImage& reader) {
  const bool gray =
      reader.photometric == PHOTOMETRIC_MINISBLACK || reader.photometric == PHOTOMETRIC_MINISWHITE;
  return !(gray && reader.alpha == EXTRASAMPLE_UNASSALPHA);
}

}  // namespace

Image decode_tiff(Bytes file, const DecodeOptions& options) {
  TiffInput in{file, 0, {}};
  const Tiff tiff = open(in, options);
  if (tiff == nullptr) fail_data("truncated or corrupt TIFF: {}", in.error);
  uint32_t height = 0, width = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  check_size(height, width, options);

  TIFFRGBAImage begun;
  char reason[1024] = "";
  constexpr int kStopAtErrors = 1;
  if (TIFFRGBAImageBegin(&begun, tiff.get(), kStopAtErrors, reason) == 0) {
    fail_data("TIFF of a kind that nolabel does not read: {}", first_line(reason));
  }
  const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> reader(&begun, TIFFRGBAImageEnd);
  const int orientation = begun.orientation;
  // As stored: libtiff would mirror, but not exchange rows and columns.
  begun.orientation = begun.req_orientation = ORIENTATION_TOPLEFT;

  const size_t pixels = size_t{height} * width;
  std::vector<uint32_t> raster(pixels);  // bytes R, G, B, A (the host is little-endian)
  if (TIFFRGBAImageGet(&begun, raster.data(), width, height) == 0) {
    fail_data("truncated or corrupt TIFF: {}", in.error);
  }
  Image image(static_cast<int>(height), static_cast<int>(width));
  const auto* rgba = reinterpret_cast<const uint8_t*>(raster.data());
  (is_premultiplied(begun) ? premultiplied_over_white : over_white)(rgba, pixels,
                                                                    image.pixels.data());
  return apply_orientation(std::move(image), orientation);
}

}  // namespace nolabel
