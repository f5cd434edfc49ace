#include "nolabel/data/pack.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

double gibibytes(uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 30);
}

// What the cached pixels depend on.
std::string cache_key(const Listing& listing, const LoadOptions& options) {
  Sha256 hash;
  hash.update(format("short side {}, enlarge {}, reduced {}\n", options.short_side, options.enlarge,
                     options.reduced_decode));
  for (const ListedImage& image : listing.images) {
    hash.update(format("{} {} {} ", image.name.size(), image.file_bytes, image.modified));
    hash.update(image.name);
  }
  return hash.hex();
}

class Packer {
 public:
  Packer(const Listing& listing, const LoadOptions& options, const Observer& observer)
      : listing_(listing), options_(options), observer_(observer) {}

  PackedPixels run(const fs::path& cache_file, const std::string& key, PackTable& table) {
    const auto total = static_cast<int64_t>(listing_.images.size());
    for (int64_t done = 0; done < total;) {
      const int64_t count = std::min(piece_size(done), total - done);
      read_piece(done, count, cache_file);
      done += count;
      report(done);
    }
    finish_table();
    table = std::move(table_);
    if (writer_) return writer_->finish(table, key);
    block_.shrink();
    auto block = std::make_shared<PixelBlock>(std::move(block_));
    const uint8_t* pixels = block->data();
    return {std::move(block), pixels};
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

  // Decodes images begin … begin + count - 1 in parallel and appends them in order.
  void read_piece(int64_t begin, int64_t count, const fs::path& cache_file) {
    results_.assign(count, {});
    parallel_for(count, options_.threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        observer_.stop_if_requested();
        results_[i] = read_listed(listing_.images[begin + i], options_);
      }
    });
    for (int64_t i = 0; i < count; ++i) append(begin + i, results_[i], cache_file);
  }

  void append(int64_t listed, const ReadResult& result, const fs::path& cache_file) {
    if (!result.failure.empty()) {
      if (options_.strict) fail_data("{}: {}", listing_.images[listed].name, result.failure);
      table_.failures.push_back({listed, result.failure});
      return;
    }
    const std::vector<uint8_t>& pixels = result.image.pixels;
    table_.contents.push_back(result.content);
    digests_.push_back(result.digest);
    table_.images.push_back({listed, result.image.height, result.image.width});
    pixel_bytes_ += pixels.size();
    if (!writer_ && pixel_bytes_ > static_cast<uint64_t>(options_.memory_bytes)) {
      move_to_disk(cache_file, pixel_bytes_ / (listed + 1) * listing_.images.size());
    }
    if (writer_) {
      writer_->append(pixels.data(), pixels.size());
    } else {
      block_.append(pixels.data(), pixels.size());
    }
  }

  void move_to_disk(const fs::path& cache_file, uint64_t expected_bytes) {
    const double budget = gibibytes(static_cast<uint64_t>(options_.memory_bytes));
    if (cache_file.empty()) {
      fail_usage(
          "the images need about {:.1f} GiB of the {:.1f} GiB of memory they may use, and no "
          "cache directory is set.",
          gibibytes(expected_bytes), budget);
    }
    make_directory(cache_file.parent_path());
    const uint64_t room = free_disk_bytes(cache_file.parent_path());
    if (expected_bytes > room) {
      fail_system(
          "the disk must have room for about {:.1f} GiB of decoded images. {} has {:.1f} GiB "
          "left.",
          gibibytes(expected_bytes), cache_file.parent_path().string(), gibibytes(room));
    }
    observer_.note(
        format("the images need about {:.1f} GiB, more than the {:.1f} GiB of memory "
               "they may use: they go to {}",
               gibibytes(expected_bytes), budget, cache_file.string()));
    writer_.emplace(cache_file);
    writer_->append(block_.data(), block_.size());
    const PixelBlock freed(std::move(block_));
  }

  void finish_table() { table_.fingerprint = combined_fingerprint(digests_); }

  void report(int64_t done) {
    const auto total = static_cast<int64_t>(listing_.images.size());
    const Clock::time_point now = Clock::now();
    if (!observer_.progress || (done < total && now - reported_ < std::chrono::milliseconds(100))) {
      return;
    }
    reported_ = now;
    const double per_second = static_cast<double>(done) / std::max(seconds(), 1e-9);
    observer_.progress({.stage = "images",
                        .step = "",
                        .done = done,
                        .total = total,
                        .unit = "images",
                        .per_second = per_second,
                        .seconds_left = static_cast<double>(total - done) / per_second});
  }

  const Listing& listing_;
  const LoadOptions& options_;
  const Observer& observer_;
  PackTable table_;
  std::vector<std::string> digests_;
  std::vector<ReadResult> results_;
  uint64_t pixel_bytes_ = 0;
  PixelBlock block_;
  std::optional<PackWriter> writer_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point reported_ = started_;
};

// The pixels from the cache of an earlier run, if there is a good one.
std::optional<PackedPixels> reuse(const fs::path& cache_file, const std::string& key,
                                  PackTable& table, const Observer& observer) {
  std::error_code error;
  if (cache_file.empty() || !fs::exists(cache_file, error)) return std::nullopt;
  try {
    PackedPixels pixels = open_pack(cache_file, key, table);
    observer.note(format("using the decoded images in {}", cache_file.string()));
    return pixels;
  } catch (const Error& damage) {
    if (damage.fault() != Fault::data) throw;
    observer.note(
        format("{} cannot be used and is made again: {}", cache_file.string(), damage.what()));
    fs::remove(cache_file, error);
    return std::nullopt;
  }
}

Dataset to_dataset(const Listing& listing, const PackTable& table, PackedPixels packed) {
  std::vector<Dataset::Entry> entries;
  entries.reserve(table.images.size());
  uint64_t offset = 0;
  for (const PackTable::Image& image : table.images) {
    const ListedImage& listed = listing.images[image.listed];
    entries.push_back({offset, image.height, image.width, listed.label, listed.name});
    offset +=
        uint64_t{3} * static_cast<uint64_t>(image.height) * static_cast<uint64_t>(image.width);
  }
  return Dataset(std::move(entries), std::move(packed.block), packed.pixels, listing.class_names,
                 table.fingerprint);
}

}  // namespace

LoadedImages pack_images(Listing listing, const LoadOptions& options, const Observer& observer) {
  const std::string key = cache_key(listing, options);
  const fs::path cache_file = options.cache_directory.empty()
                                  ? fs::path()
                                  : options.cache_directory / (key.substr(0, 16) + ".pack");
  PackTable table;
  std::optional<PackedPixels> packed = reuse(cache_file, key, table, observer);
  if (!packed) packed = Packer(listing, options, observer).run(cache_file, key, table);

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
  return {.dataset = to_dataset(listing, table, std::move(*packed)),
          .unlabeled = unlabeled,
          .root = listing.root,
          .skipped = std::move(skipped),
          .contents = std::move(table.contents)};
}

}  // namespace nolabel
