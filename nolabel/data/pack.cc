#include "nolabel/data/pack.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// Where the images of a finished table are; in memory when `file` is empty.
using Packed = FoundPack;

// What the images take at least, if their files hold pictures as large as they are kept.
uint64_t expected_bytes(const Listing& listing, const LoadOptions& options) {
  uint64_t bytes = 0;
  const auto side = static_cast<uint64_t>(options.short_side);
  for (const ListedImage& image : listing.images) {
    bytes += image.planes && !options.enlarge ? image.planes.size() : 3 * side * side;
  }
  return bytes;
}

class Packer {
 public:
  Packer(const Listing& listing, const LoadOptions& options, const PackCache& cache,
         const Observer& observer)
      : listing_(listing), options_(options), cache_(cache), observer_(observer) {}

  // Nothing when another process has made the cache meanwhile.
  std::optional<Packed> run(PackTable& table) {
    if (expected_bytes(listing_, options_) > budget()) {
      const PackEstimate estimate = estimate_pack(listing_, options_, observer_);
      if (estimate.raw_bytes > budget() && !begin_file(estimate)) return std::nullopt;
    }
    started_ = reported_ = Clock::now();
    const auto total = static_cast<int64_t>(listing_.images.size());
    for (int64_t done = 0; done < total;) {
      const int64_t count = std::min(piece_size(done), total - done);
      if (!read_piece(done, count)) return std::nullopt;
      done += count;
      report(done);
    }
    finish_table();
    table = std::move(table_);
    if (writer_) return Packed{finish_file(table), cache_.file()};
    pixels_.shrink();
    for (PackTable::Image& image : table.images) image.compressed_bytes = 0;
    auto block = std::make_shared<PixelBlock>(std::move(pixels_));
    const uint8_t* bytes = block->data();
    return Packed{{std::move(block), bytes}, {}};
  }

 private:
  using Clock = std::chrono::steady_clock;

  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  // Pieces take about half a second (progress, and threads that seldom wait for each other) and
  // hold at most 64 MiB of pixels beside the block. The result does not depend on them.
  int64_t piece_size(int64_t done) const {
    const int64_t least = int64_t{4} * std::max(options_.threads, 1);
    if (done == 0) return least;
    const double by_time = 0.5 * static_cast<double>(done) / std::max(seconds(), 1e-6);
    const double by_memory = double{1 << 26} * static_cast<double>(done) /
                             static_cast<double>(std::max<uint64_t>(pixel_bytes_, 1));
    return std::max(least, static_cast<int64_t>(std::min({by_time, by_memory, 1e6})));
  }

  // Decodes images begin … begin + count - 1 in parallel and appends them in order. False when
  // another process has made the cache.
  bool read_piece(int64_t begin, int64_t count) {
    results_.assign(count, {});
    parallel_for(count, options_.threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        observer_.stop_if_requested();
        results_[i] = read_listed(listing_.images[begin + i], options_);
      }
    });
    for (int64_t i = 0; i < count; ++i) append(begin + i, results_[i]);
    if (writer_ || pixel_bytes_ <= budget()) return true;
    return begin_file(estimate_pack(listing_, options_, observer_));
  }

  uint64_t budget() const { return static_cast<uint64_t>(options_.memory_bytes); }
  bool compressed() const { return options_.cache_format == CacheFormat::compressed; }

  void append(int64_t listed, const ReadResult& result) {
    if (!result.failure.empty()) {
      if (options_.strict) fail_data("{}: {}", listing_.images[listed].name, result.failure);
      table_.failures.push_back({listed, result.failure});
      return;
    }
    const std::vector<uint8_t>& pixels = result.image.pixels;
    table_.contents.push_back(result.content);
    digests_.push_back(result.digest);
    table_.images.push_back({listed, result.image.height, result.image.width,
                             static_cast<uint32_t>(result.compressed.size())});
    pixel_bytes_ += pixels.size();
    if (writer_) {
      write(pixels, result.compressed);
      return;
    }
    pixels_.append(pixels.data(), pixels.size());
    // In case they go to a file after all.
    if (compressed()) compressed_.append(result.compressed.data(), result.compressed.size());
  }

  void write(const std::vector<uint8_t>& pixels, const std::string& compressed_picture) {
    if (compressed()) {
      writer_->append(compressed_picture.data(), compressed_picture.size());
    } else {
      writer_->append(pixels.data(), pixels.size());
    }
  }

  // From here on the images go to the cache file, those that are there first. False when another
  // process has made it.
  bool begin_file(const PackEstimate& estimate) {
    const std::string needed = size_text(estimate.raw_bytes), allowed = size_text(budget());
    if (!cache_.exists()) {
      fail_usage(
          "the images need about {}, and may use {} of memory: --cache-dir must name a folder for "
          "them (or TMPDIR one for temporary files), or --memory more megabytes.",
          needed, allowed);
    }
    lock_.emplace(cache_.lock(observer_));
    if (fs::exists(cache_.file())) return false;
    const fs::path directory = cache_.file().parent_path();
    const uint64_t room = free_disk_bytes(directory);
    require_room(estimate, options_.cache_format, room, directory);
    observer_.note(
        format("the images need about {}, more than the {} of memory they may use: they "
               "go to {} ({} of the {} that are free there)",
               needed, allowed, cache_.file().string(),
               size_text(estimate.bytes(options_.cache_format)), size_text(room)));
    if (compressed()) {
      observer_.note(
          format("compressed to JPEG of quality 95, a level differs by {:.1f} of 255 on average",
                 estimate.error));
    }
    writer_.emplace(cache_.file());
    const PixelBlock pixels(std::move(pixels_)), pictures(std::move(compressed_));
    const PixelBlock& there = compressed() ? pictures : pixels;
    writer_->append(there.data(), there.size());
    return true;
  }

  PackedBlock finish_file(const PackTable& table) {
    PackedBlock block = writer_->finish(table, cache_.key());
    cache_.remove_superseded();
    return block;
  }

  void finish_table() {
    const std::string fingerprint = combined_fingerprint(digests_);
    table_.fingerprint = compressed() ? format("{}:{}", compressed_form, fingerprint) : fingerprint;
  }

  void report(int64_t done) {
    const auto total = static_cast<int64_t>(listing_.images.size());
    const Clock::time_point now = Clock::now();
    if (!observer_.progress || (done < total && now - reported_ < std::chrono::milliseconds(100))) {
      return;
    }
    reported_ = now;
    const double per_second = static_cast<double>(done) / std::max(seconds(), 1e-9);
    observer_.progress({.stage = "reading images",
                        .step = "",
                        .done = done,
                        .total = total,
                        .unit = "images",
                        .per_second = per_second,
                        .seconds_left = static_cast<double>(total - done) / per_second});
  }

  const Listing& listing_;
  const LoadOptions& options_;
  const PackCache& cache_;
  const Observer& observer_;
  PackTable table_;
  std::vector<std::string> digests_;
  std::vector<ReadResult> results_;
  uint64_t pixel_bytes_ = 0;  // of all images so far, wherever they are
  PixelBlock pixels_, compressed_;
  std::optional<MakeLock> lock_;
  std::optional<PackWriter> writer_;
  Clock::time_point started_, reported_;
};

// From the cache of an earlier run, if there is a good one, else from the files.
Packed packed_images(const Listing& listing, const LoadOptions& options, PackCache& cache,
                     PackTable& table, const Observer& observer) {
  for (;;) {
    if (auto found = cache.open(table, observer)) return *found;
    if (auto packed = Packer(listing, options, cache, observer).run(table)) return *packed;
  }
}

Dataset to_dataset(const Listing& listing, const PackTable& table, Packed packed) {
  std::vector<Dataset::Entry> entries;
  entries.reserve(table.images.size());
  uint64_t offset = 0;
  for (const PackTable::Image& image : table.images) {
    const ListedImage& listed = listing.images[image.listed];
    entries.push_back(
        {offset, image.height, image.width, listed.label, image.compressed_bytes, listed.name});
    offset += image.bytes();
  }
  return Dataset(std::move(entries), std::move(packed.block.owner), packed.block.bytes,
                 listing.class_names, table.fingerprint, packed.file.string());
}

}  // namespace

LoadedImages pack_images(Listing listing, const LoadOptions& options, const Observer& observer) {
  PackCache cache(listing, options);
  PackTable table;
  Packed packed = packed_images(listing, options, cache, table, observer);

  std::vector<SkippedImage> skipped = listing.skipped;
  for (const PackTable::Failure& failure : table.failures) {
    skipped.push_back({listing.images[failure.listed].name, failure.reason});
  }
  if (options.strict && !skipped.empty()) {
    fail_data("{}: {}", skipped.front().name, skipped.front().reason);
  }
  if (table.images.empty()) {
    fail_data("none of {} files could be read as an image; the first, {}: {}",
              listing.images.size(), skipped.front().name, skipped.front().reason);
  }
  const int64_t unlabeled = std::count_if(
      table.images.begin(), table.images.end(),
      [&](const PackTable::Image& image) { return listing.images[image.listed].unlabeled; });
  std::stable_sort(skipped.begin(), skipped.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  return {.dataset = to_dataset(listing, table, std::move(packed)),
          .unlabeled = unlabeled,
          .root = listing.root,
          .skipped = std::move(skipped),
          .contents = std::move(table.contents)};
}

}  // namespace nolabel
