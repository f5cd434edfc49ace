#include "nolabel/data/pack.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/earlier_pictures.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/data/read_classes.h"
#include "nolabel/data/read_listed.h"
#include "nolabel/record/unsaved_work.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// Where the images of a finished table are; in memory when `file` is empty.
using Packed = FoundPack;

// What the images take at least, if their files hold pictures as large as they are kept.
uint64_t expected_bytes(const Listing& listing, const LoadOptions& options) {
  uint64_t bytes = 0;
  const auto side = static_cast<uint64_t>(options.pictures.short_side);
  for (const ListedImage& image : listing.images) {
    bytes += image.planes && !options.pictures.enlarge ? image.planes.size() : 3 * side * side;
  }
  return bytes;
}

class Packer {
 public:
  Packer(const Listing& listing, const LoadOptions& options, const PackCache& cache,
         const Observer& observer, bool& saves)
      : listing_(listing), options_(options), cache_(cache), observer_(observer), saves_(saves) {}

  // Nothing when another process has made the cache meanwhile.
  std::optional<Packed> run(PackTable& table) {
    try {
      return run_and_save(table);
    } catch (const Error& error) {
      if (writer_) error.fault() == Fault::stopped ? writer_->save(part_) : writer_->discard();
      throw;
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<Packed> run_and_save(PackTable& table) {
    if (expected_bytes(listing_, options_) > budget()) {
      const PackEstimate estimate = estimate_pack(listing_, options_, observer_);
      if (estimate.raw_bytes > budget() && !begin_file(estimate)) return std::nullopt;
    }
    earlier_.emplace(cache_.directory(), cache_.making(), listing_);
    if (earlier_->size() > 0) {
      observer_.note(
          format("{} of {} images are decoded already", earlier_->size(), listing_.images.size()));
    }
    started_ = reported_ = saved_ = Clock::now();
    begun_at_ = part_.listed;
    const auto total = static_cast<int64_t>(listing_.images.size());
    while (part_.listed < total) {
      const int64_t count = std::min(piece_size(part_.listed - begun_at_), total - part_.listed);
      if (!read_piece(count)) return std::nullopt;
      save_now_and_then();
      report(part_.listed);
    }
    for (const std::string& line : remarks_.lines()) observer_.note(line);
    finish_table();
    table = std::move(part_.table);
    if (writer_) return Packed{finish_file(table), cache_.file()};
    if (cache_.exists() && seconds() >= options_.seconds_worth_keeping) {
      cache_.keep(compressed() ? compressed_ : pixels_, table, seconds(), observer_);
    }
    pixels_.shrink();
    for (PackTable::Image& image : table.images) image.compressed_bytes = 0;
    auto block = std::make_shared<PixelBlock>(std::move(pixels_));
    const uint8_t* bytes = block->data();
    return Packed{{.owner = std::move(block), .bytes = bytes}, {}};
  }

  void save_now_and_then() {
    constexpr std::chrono::seconds between_saves{5};
    if (!writer_ || Clock::now() - saved_ < between_saves) return;
    writer_->save(part_);
    saved_ = Clock::now();
  }

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

  // A limit that has passed before the work begins must not keep it from getting on.
  void stop_if_requested() const {
    const std::chrono::duration<double> worked = Clock::now() - started_;
    const bool little_done = worked.count() < seconds_of_work_despite_limit;
    if (writer_ && observer_.cancel.passed_limit() && little_done) return;
    observer_.stop_if_requested();
  }

  // Decodes the next `count` images in parallel and appends them in order. False when another
  // process has made the cache.
  bool read_piece(int64_t count) {
    const int64_t begin = part_.listed;
    results_.assign(count, {});
    parallel_for(count, options_.threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        stop_if_requested();
        results_[i] = read(listing_.images[begin + i]);
      }
    });
    for (int64_t i = 0; i < count; ++i) append(begin + i, results_[i]);
    part_.listed += count;
    if (writer_ || pixel_bytes_ <= budget()) return true;
    return begin_file(estimate_pack(listing_, options_, observer_));
  }

  ReadResult read(const ListedImage& listed) const {
    if (auto known = earlier_->find(listed)) return *std::move(known);
    return read_listed(listed, options_);
  }

  uint64_t budget() const { return static_cast<uint64_t>(options_.memory_bytes); }
  bool compressed() const { return options_.cache_format == CacheFormat::compressed; }

  void append(int64_t listed, const ReadResult& result) {
    if (!result.failure.empty()) {
      if (options_.strict) fail_data("{}: {}", listing_.images[listed].name, result.failure);
      part_.table.failures.push_back({listed, result.failure});
      return;
    }
    remarks_.add(result.remarks);
    const std::vector<uint8_t>& pixels = result.image.pixels;
    part_.table.contents.push_back(result.content);
    const ListedImage& image = listing_.images[listed];
    part_.table.origins.push_back(
        image.planes ? PackTable::Origin()
                     : PackTable::Origin{image.file, image.file_bytes, image.modified});
    part_.digests.push_back(result.digest);
    part_.table.images.push_back({listed, result.image.height, result.image.width,
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
          "the images need about {}, but --memory allows only {}. Name a folder for them with "
          "--cache-dir (or a folder for temporary files in TMPDIR), or give more megabytes with "
          "--memory.",
          needed, allowed);
    }
    lock_.emplace(cache_.lock(observer_));
    if (fs::exists(cache_.file())) return false;
    const fs::path directory = cache_.file().parent_path();
    const uint64_t room = free_disk_bytes(directory) + PackWriter::begun_bytes(cache_.file());
    require_room(estimate, options_.cache_format, room, directory);
    observer_.note(
        format("the images need about {}, but --memory allows only {}, so nolabel writes them to "
               "{} ({} of the {} that are free there)",
               needed, allowed, cache_.file().string(),
               size_text(estimate.bytes(options_.cache_format)), size_text(room)));
    if (compressed()) {
      observer_.note(
          format("compressed to JPEG of quality 95, a level differs by {:.1f} of 255 on average",
                 estimate.error));
    }
    begin_writer();
    const PixelBlock pixels(std::move(pixels_)), pictures(std::move(compressed_));
    const PackPart& found = writer_->found();
    if (found.listed > part_.listed && cache_.has_content_of(found.table)) {
      begun_at_ += found.listed - part_.listed;
      part_ = found;
      observer_.note(
          format("{} of {} images are there from before", part_.listed, listing_.images.size()));
      return true;
    }
    if (found.listed > 0) {  // of other images, or there are more in memory
      writer_->discard();
      begin_writer();
    }
    const PixelBlock& there = compressed() ? pictures : pixels;
    writer_->append(there.data(), there.size());
    return true;
  }

  // Where files cannot be locked, another process may be at it, too.
  void begin_writer() {
    const auto place = lock_->held() ? PackWriter::Place::resumed : PackWriter::Place::own;
    writer_.emplace(cache_.file(), cache_.key(), place);
    saves_ = lock_->held();
  }

  ImageBlock finish_file(const PackTable& table) {
    ImageBlock block = writer_->finish(table);
    cache_.remove_superseded();
    return block;
  }

  void finish_table() {
    part_.table.making = cache_.making();
    const std::string fingerprint = combined_fingerprint(part_.digests);
    part_.table.fingerprint =
        compressed() ? format("{}:{}", compressed_form, fingerprint) : fingerprint;
  }

  void report(int64_t done) {
    const auto total = static_cast<int64_t>(listing_.images.size());
    const Clock::time_point now = Clock::now();
    if (!observer_.progress || (done < total && now - reported_ < std::chrono::milliseconds(100))) {
      return;
    }
    reported_ = now;
    const double per_second = static_cast<double>(done - begun_at_) / std::max(seconds(), 1e-9);
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
  bool& saves_;  // set once a stop leaves something from which the next process goes on
  PackPart part_;
  int64_t begun_at_ = 0;  // part_.listed when this process began
  std::vector<ReadResult> results_;
  RemarkCounts remarks_;
  uint64_t pixel_bytes_ = 0;  // of all images so far, wherever they are
  PixelBlock pixels_, compressed_;
  std::optional<EarlierPictures> earlier_;
  std::optional<MakeLock> lock_;
  std::optional<PackWriter> writer_;
  Clock::time_point started_, reported_, saved_;
};

// From the cache of an earlier run, if there is a good one, else from the files.
Packed packed_images(const Listing& listing, const LoadOptions& options, PackCache& cache,
                     PackTable& table, const Observer& observer, bool& saves) {
  for (;;) {
    if (auto found = cache.open(table, observer)) return *found;
    if (auto packed = Packer(listing, options, cache, observer, saves).run(table)) return *packed;
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
  return Dataset(std::move(entries), std::move(packed.block), listing.class_names,
                 table.fingerprint, packed.file.string());
}

}  // namespace

LoadedImages pack_images(Listing listing, const LoadOptions& options, const Observer& observer) {
  PackCache cache(listing, options);
  PackTable table;
  Packed packed;
  bool saves = false;
  run_unsaved(
      "reading the images", Ended::lost, observer,
      [&](const Observer& inner) {
        packed = packed_images(listing, options, cache, table, inner, saves);
      },
      &saves);

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
  // The parts of a split number their classes alike, so there all of them stay.
  if (options.split == Split::all) {
    std::vector<int64_t> read;
    for (const PackTable::Image& image : table.images) read.push_back(image.listed);
    keep_read_classes(listing, read);
  }
  std::stable_sort(skipped.begin(), skipped.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  return {.dataset = to_dataset(listing, table, std::move(packed)),
          .unlabeled = unlabeled,
          .labels_from_folders = listing.labels_from_folders,
          .root = listing.root,
          .skipped = std::move(skipped),
          .contents = std::move(table.contents)};
}

}  // namespace nolabel
