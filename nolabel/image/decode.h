// Bytes of a picture file to RGB: JPEG, PNG, WebP, TIFF, BMP, GIF (first frame), PPM/PGM, HEIC and
// AVIF. Grayscale and palettes become RGB, alpha is laid over white, CMYK is converted as Pillow
// does, and EXIF orientation is applied. 16 bits become 8; levels without a stated range (float,
// signed, 32-bit), and 16-bit pictures that use less than a quarter of their range, are scaled to
// the range they use without outliers (hot pixels, borders), and a remark says so. Of more bands
// than red, green, blue and alpha the first three are taken, with a remark too.
//
// The format is recognised by content, never by the file's name. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "nolabel/image/image.h"
#include "nolabel/image/remarks.h"

namespace nolabel {

// Raised whenever some picture decodes to other pixels than before: caches of pixels depend on it.
inline constexpr int decode_revision = 3;

struct DecodeOptions {
  // JPEG only: the decoder may shrink by 2, 4 or 8 (DCT scaling, much faster for photos from a
  // phone) as long as the short side stays at least this long. 0: always the full size, which is
  // what published configs mean.
  int reduce_to_short_side = 0;
  // Pictures with more pixels than this are refused before anything is allocated.
  int64_t max_pixels = 250'000'000;
  // Only the size is wanted: the decoder reads headers, and the image has no pixels.
  bool only_size = false;
};

// Throws Error(Fault::data) whose message is the reason alone ("truncated JPEG: …", "not a picture
// that nolabel reads", "too large: 60000 x 60000 pixels"), for lists of skipped files.
Image decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

// Implicit, because most decoders have nothing to remark and return an Image.
struct DecodedImage {
  Image image;
  DecodeRemarks remarks;
  DecodedImage(Image image_, DecodeRemarks remarks_ = {})
      : image(std::move(image_)), remarks(remarks_) {}
};

// The same with what the decoder decided by itself, for callers that count it (RemarkCounts).
DecodedImage decode_with_remarks(std::span<const std::byte> bytes,
                                 const DecodeOptions& options = {});

// Reads and decodes; the same errors, and the system's reason when the file cannot be read.
Image read_image(const std::filesystem::path& path, const DecodeOptions& options = {});

// The size that read_image() would give the picture, upright, from its headers: pixels are neither
// decoded nor read from the disk. Throws Error(Fault::data) with the reason when the headers are
// damaged, and Error(Fault::system) when the file cannot be read. A PNG that states its orientation
// behind its pixels, which the standard allows, has the size in which it is stored.
struct PixelSize {
  int height = 0, width = 0;
  bool operator==(const PixelSize&) const = default;
};
PixelSize read_image_size(const std::filesystem::path& path);

// The extension that says what a file that begins with `head` (64 bytes are enough) is: ".jpg",
// ".png" …; empty when it is no picture that nolabel reads.
std::string_view image_extension(std::span<const std::byte> head);

// True when the file's name ends like a picture's (.jpg, .JPEG, .heic …): what a folder scan takes.
bool has_image_extension(const std::filesystem::path& path);

// True when a file that begins with `head` (64 bytes are enough) is a picture by its content: for
// files whose names do not say so. Stricter than decode_image() where a format's mark is two
// letters, which a text may begin with.
bool begins_as_picture(std::span<const std::byte> head);

}  // namespace nolabel
