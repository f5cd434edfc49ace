#include "nolabel/data/read_listed.h"

#include <algorithm>
#include <span>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/image/picture_size.h"

namespace nolabel {
namespace {

// No picture that a decoder would accept is this long; a disk image renamed .jpg is.
constexpr uint64_t max_file_bytes = uint64_t{1} << 30;

// [3,side,side] to pixels [side,side,3].
Image interleave(const Planes& planes) {
  const int side = planes.side;
  const int row = planes.by_columns ? 1 : side, column = planes.by_columns ? side : 1;
  Image image(side, side);
  uint8_t* pixel = image.pixels.data();
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const uint8_t* red = planes.bytes + y * row + x * column;
      for (int channel = 0; channel < 3; ++channel) *pixel++ = red[channel * side * side];
    }
  }
  return image;
}

DecodedImage decode(const std::string& bytes, const ReadingOptions& options) {
  DecodeOptions decoding;
  if (options.reduced_decode) decoding.reduce_to_short_side = options.pictures.short_side;
  return decode_with_remarks(std::as_bytes(std::span(bytes)), decoding);
}

ContentId content_of(const Planes& planes) {
  return content_id({reinterpret_cast<const char*>(planes.bytes), planes.size()});
}

// Of a strip that thin a view shows nothing, and enlarged it would fill the memory.
constexpr int max_aspect_ratio = 100;

}  // namespace

ReadResult read_listed(const ListedImage& listed, const ReadingOptions& options) {
  ReadResult result;
  if (listed.planes) {
    result.image = interleave(listed.planes);
    result.content = content_of(listed.planes);
    if (listed.planes.file) listed.planes.file->passed(listed.planes.size());
  } else {
    try {
      if (listed.file_bytes > max_file_bytes) fail_data("the file is larger than 1 GiB");
      const std::string bytes = read_file(listed.file);
      DecodedImage decoded = decode(bytes, options);
      result.image = std::move(decoded.image);
      result.remarks = decoded.remarks;
      result.content = content_id(bytes);
    } catch (const Error& error) {
      result.failure = error.what();
      return result;
    }
  }
  Image& image = result.image;
  const auto [shorter, longer] = std::minmax(image.height, image.width);
  if (longer > int64_t{max_aspect_ratio} * shorter) {
    result.failure = format("one side is more than {} times the other ({} x {} pixels)",
                            max_aspect_ratio, image.width, image.height);
    return result;
  }
  image = kept_picture(std::move(image), options.pictures);
  if (options.cache_format == CacheFormat::compressed) {
    result.compressed = compress(image.view());
    image = decompress(result.compressed, image.height, image.width);
  }
  result.digest = image_digest(image.view(), listed.name);
  return result;
}

ContentId content_of(const ListedImage& listed) {
  return listed.planes ? content_of(listed.planes) : content_id(read_file(listed.file));
}

}  // namespace nolabel
