#include "nolabel/image/decode.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/image/codecs.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;

// A file belongs to the first row whose bytes it has. '?' stands for any byte.
struct Signature {
  std::string_view bytes;
  DecodedImage (*decode)(Bytes, const DecodeOptions&);
  std::string_view extension;
};

constexpr std::array kSignatures = {
    Signature{"\xFF\xD8\xFF"sv, decode_jpeg, ".jpg"sv},
    Signature{"\x89PNG\r\n\x1A\n"sv, decode_png, ".png"sv},
    Signature{"RIFF????WEBP"sv, decode_webp, ".webp"sv},
    Signature{"II*\0"sv, decode_tiff, ".tif"sv},
    Signature{"MM\0*"sv, decode_tiff, ".tif"sv},
    Signature{"II+\0"sv, decode_tiff, ".tif"sv},  // BigTIFF
    Signature{"MM\0+"sv, decode_tiff, ".tif"sv},
    Signature{"????ftyphe"sv, decode_heif, ".heic"sv},  // HEIC's brands: heic, heix, hevc …
    Signature{"????ftypmif1"sv, decode_heif, ".heic"sv},
    Signature{"????ftypmsf1"sv, decode_heif, ".heic"sv},
    Signature{"????ftypavi"sv, decode_heif, ".avif"sv},  // AVIF's: avif, avis
    Signature{"GIF8"sv, decode_gif, ".gif"sv},
    Signature{"BM"sv, decode_bmp, ".bmp"sv},
    Signature{"P2"sv, decode_pnm, ".ppm"sv},
    Signature{"P3"sv, decode_pnm, ".ppm"sv},
    Signature{"P5"sv, decode_pnm, ".ppm"sv},
    Signature{"P6"sv, decode_pnm, ".ppm"sv},
};

constexpr std::array kExtensions = {".jpg"sv, ".jpeg"sv, ".jpe"sv,  ".jfif"sv, ".png"sv, ".webp"sv,
                                    ".tif"sv, ".tiff"sv, ".bmp"sv,  ".dib"sv,  ".gif"sv, ".ppm"sv,
                                    ".pgm"sv, ".pnm"sv,  ".heic"sv, ".heif"sv, ".hif"sv, ".avif"sv};

bool has_signature(Bytes file, std::string_view signature) {
  if (file.size() < signature.size()) return false;
  const auto* octets = reinterpret_cast<const char*>(file.data());
  return std::equal(signature.begin(), signature.end(), octets,
                    [](char expected, char found) { return expected == '?' || expected == found; });
}

}  // namespace

void check_size(int64_t height, int64_t width, const DecodeOptions& options) {
  constexpr int64_t kLongestSide = 1 << 30;
  if (height < 1 || width < 1) fail_data("empty: {} x {} pixels", width, height);
  if (height > kLongestSide || width > kLongestSide || height * width > options.max_pixels) {
    fail_data("too large: {} x {} pixels", width, height);
  }
}

DecodedImage only_size(int64_t height, int64_t width, int orientation) {
  Image image;
  image.height = static_cast<int>(orientation >= 5 ? width : height);
  image.width = static_cast<int>(orientation >= 5 ? height : width);
  return image;
}

std::string first_line(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

Image decode_image(Bytes bytes, const DecodeOptions& options) {
  return decode_with_remarks(bytes, options).image;
}

DecodedImage decode_with_remarks(Bytes bytes, const DecodeOptions& options) {
  if (bytes.empty()) fail_data("empty file");
  for (const Signature& signature : kSignatures) {
    if (has_signature(bytes, signature.bytes)) return signature.decode(bytes, options);
  }
  fail_data("not a picture that nolabel reads");
}

Image read_image(const std::filesystem::path& path, const DecodeOptions& options) {
  const std::string content = read_file(path);
  return decode_image(std::as_bytes(std::span(content)), options);
}

PixelSize read_image_size(const std::filesystem::path& path) {
  const MappedFile file(path);
  const Image image = decode_image(file.bytes(), {.only_size = true});
  return {.height = image.height, .width = image.width};
}

std::string_view image_extension(Bytes head) {
  for (const Signature& signature : kSignatures) {
    if (has_signature(head, signature.bytes)) return signature.extension;
  }
  return {};
}

bool begins_as_picture(Bytes head) {
  const auto octet = [&](size_t i) { return std::to_integer<int>(head[i]); };
  for (const Signature& signature : kSignatures) {
    if (!has_signature(head, signature.bytes)) continue;
    if (signature.bytes == "BM"sv) {  // then file size, two zeros of 16 bits, offset, header size
      constexpr std::array header_sizes = {12, 16, 40, 52, 56, 64, 108, 124};
      return head.size() > 18 && octet(6) + octet(7) + octet(8) + octet(9) == 0 &&
             std::find(header_sizes.begin(), header_sizes.end(), octet(14)) != header_sizes.end();
    }
    if (signature.bytes.size() == 2) {  // PNM: white space follows
      return head.size() > 2 && (octet(2) == ' ' || (octet(2) >= '\t' && octet(2) <= '\r'));
    }
    return true;
  }
  return false;
}

bool has_image_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace nolabel
