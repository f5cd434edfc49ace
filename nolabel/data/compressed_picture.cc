#include "nolabel/data/compressed_picture.h"

#include <span>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"

namespace nolabel {
namespace {

constexpr int quality = 95;
// Leading hexadecimal digits of the JPEG's SHA-256: a JPEG hardly ever fails to decode, whatever
// became of its bits.
constexpr size_t check_digits = 16;

}  // namespace

std::string compress(ImageView image) {
  const std::string jpeg = encode_jpeg(image, quality, Chroma::full);
  return sha256(jpeg).substr(0, check_digits) + jpeg;
}

Image decompress(std::string_view bytes, int height, int width) {
  if (bytes.size() <= check_digits) fail_data("too short");
  const std::string_view jpeg = bytes.substr(check_digits);
  if (sha256(jpeg).compare(0, check_digits, bytes.substr(0, check_digits)) != 0) {
    fail_data("its checksum differs");
  }
  Image image = decode_image(std::as_bytes(std::span(jpeg)));
  if (image.height != height || image.width != width) fail_data("it has another size");
  return image;
}

}  // namespace nolabel
