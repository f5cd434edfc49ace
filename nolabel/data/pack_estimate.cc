#include "nolabel/data/pack_estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {
namespace {

// ImageNet's sizes are then known within some percent.
constexpr int64_t most_compressed = 128;
// Where the sample was compressed or taken, so that pictures are decoded again to see what
// compression changes. That is much the same for all.
constexpr int64_t most_decoded_again = 32;

struct Measured {
  uint64_t raw = 0, compressed = 0, differences = 0;
};

Measured measure(const ReadResult& result) {
  if (!result.failure.empty()) return {};
  const std::vector<uint8_t>& pixels = result.image.pixels;
  const std::string compressed = compress(result.image.view());
  const Image decoded = decompress(compressed, result.image.height, result.image.width);
  Measured measured{pixels.size(), compressed.size(), 0};
  for (size_t i = 0; i < pixels.size(); ++i) {
    measured.differences += std::abs(int{pixels[i]} - int{decoded.pixels[i]});
  }
  return measured;
}

Measured measure_some(const Listing& listing, const ReadingSample& sample,
                      const LoadOptions& options, const Observer& observer) {
  LoadOptions raw = options;
  raw.cache_format = CacheFormat::raw;
  const bool held = options.cache_format == CacheFormat::raw && sample.waiting(0) > 0;
  const std::vector<int64_t>& listed = sample.listed();
  const int64_t count = std::min(std::ssize(listed), held ? most_compressed : most_decoded_again);
  std::vector<Measured> measured(count);
  parallel_for(count, options.threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (!observer.cancel.passed_limit()) observer.stop_if_requested();
      const int64_t image = listed[i * std::ssize(listed) / count];
      const ReadResult* read = sample.find(image);
      if (!held) {
        measured[i] = measure(read_listed(listing.images[image], raw));
      } else if (read) {
        measured[i] = measure(*read);
      }
    }
  });
  Measured sum;
  for (const Measured& one : measured) {
    sum.raw += one.raw;
    sum.compressed += one.compressed;
    sum.differences += one.differences;
  }
  return sum;
}

double quotient(uint64_t a, uint64_t b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace

uint64_t expected_bytes(const Listing& listing, const LoadOptions& options) {
  uint64_t bytes = 0;
  const auto side = static_cast<uint64_t>(options.pictures.short_side);
  for (const ListedImage& image : listing.images) {
    bytes += image.planes && !options.pictures.enlarge ? image.planes.size() : 3 * side * side;
  }
  return bytes;
}

PackEstimate estimate_pack(const Listing& listing, const ReadingSample& sample,
                           const ImagesSoFar& so_far, const LoadOptions& options,
                           const Observer& observer) {
  const auto total = static_cast<int64_t>(listing.images.size());
  const double each = sample.readable() > 0 ? sample.bytes_each()
                                            : quotient(expected_bytes(listing, options), total);
  const double bytes =
      static_cast<double>(so_far.bytes) + each * static_cast<double>(total - so_far.listed);
  const Measured some = measure_some(listing, sample, options, observer);
  double share = sample.compressed_share();
  if (share == 0) share = some.raw > 0 ? quotient(some.compressed, some.raw) : 1;
  return {.raw_bytes = static_cast<uint64_t>(bytes),
          .compressed_bytes = static_cast<uint64_t>(bytes * share),
          .error = some.raw > 0 ? quotient(some.differences, some.raw) : 0};
}

void require_room(const PackEstimate& estimate, CacheFormat cache_format, uint64_t room,
                  const std::filesystem::path& directory) {
  if (estimate.bytes(cache_format) <= room) return;
  const std::string received =
      format("the disk must have room for about {} of {} images. {} has {} left.",
             size_text(estimate.bytes(cache_format)),
             cache_format == CacheFormat::raw ? "decoded" : "compressed", directory.string(),
             size_text(room));
  if (cache_format == CacheFormat::compressed) {
    fail_system("{} Name another folder with --cache-dir.", received);
  }
  if (estimate.compressed_bytes > room) {
    fail_system(
        "{} Even --cache-format compressed needs about {}. Name another folder with --cache-dir.",
        received, size_text(estimate.compressed_bytes));
  }
  fail_system(
      "{} Use --cache-format compressed, which needs about {} (JPEG of quality 95 changes a level "
      "by {:.1f} of 255 on average), or name another folder with --cache-dir.",
      received, size_text(estimate.compressed_bytes), estimate.error);
}

std::string size_text(uint64_t bytes) {
  constexpr double mebibyte = 1 << 20, gibibyte = 1 << 30;
  const auto size = static_cast<double>(bytes);
  if (size >= gibibyte) return format("{:.1f} GiB", size / gibibyte);
  return format("{} MiB", static_cast<int64_t>(std::ceil(size / mebibyte)));
}

}  // namespace nolabel
