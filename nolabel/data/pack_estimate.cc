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

}  // namespace

PackEstimate estimate_pack(const Listing& listing, const ReadingSample& sample,
                           const LoadOptions& options, const Observer& observer) {
  LoadOptions raw = options;
  raw.cache_format = CacheFormat::raw;
  const auto total = static_cast<int64_t>(listing.images.size());
  const std::vector<int64_t>& listed = sample.listed();
  const int64_t count = std::min(std::ssize(listed), most_compressed);
  std::vector<Measured> measured(count);
  parallel_for(count, options.threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (!observer.cancel.passed_limit()) observer.stop_if_requested();
      const int64_t image = listed[i * std::ssize(listed) / count];
      // Compressed once only, and it may have been taken.
      const ReadResult* read =
          options.cache_format == raw.cache_format ? sample.find(image) : nullptr;
      measured[i] = measure(read ? *read : read_listed(listing.images[image], raw));
    }
  });
  Measured sum;
  for (const Measured& one : measured) {
    sum.raw += one.raw;
    sum.compressed += one.compressed;
    sum.differences += one.differences;
  }
  const double share =
      static_cast<double>(total) / static_cast<double>(std::max<int64_t>(count, 1));
  return {.raw_bytes = static_cast<uint64_t>(static_cast<double>(sum.raw) * share),
          .compressed_bytes = static_cast<uint64_t>(static_cast<double>(sum.compressed) * share),
          .error = static_cast<double>(sum.differences) /
                   static_cast<double>(std::max<uint64_t>(sum.raw, 1))};
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
