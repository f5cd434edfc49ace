#include "nolabel/data/packer.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/earlier_pictures.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/data/read_listed.h"
#include "nolabel/data/reading_help.h"
#include "nolabel/data/reading_report.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

class Packer {
 public:
  Packer(const Listing& listing, const LoadOptions& options, const PackCache& cache,
         const Observer& observer, const ReadingMeans& means, bool& saves)
      : listing_(listing),
        options_(options),
        cache_(cache),
        observer_(observer),
        means_(means),
        saves_(saves) {}

  std::optional<FoundPack> run(PackTable& table) {
    try {
      return run_and_save(table);
    } catch (const Error& error) {
      if (writer_) save_or_discard(error);
      throw;
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<FoundPack> run_and_save(PackTable& table) {
    earlier_.emplace(cache_.directory(), cache_.making(), listing_);
    if (earlier_->size() > 0) {
      observer_.note(
          format("{} of {} images are decoded already", earlier_->size(), listing_.images.size()));
    }
    read_sample();
    if (expected_bytes(listing_, options_) > budget()) {
      const PackEstimate estimate = estimate_pack(listing_, sample(), {}, options_, observer_);
      if (estimate.raw_bytes > budget() && !begin_file(estimate)) return std::nullopt;
    }
    // Of the whole sample, whatever an earlier process has read of it.
    report_->tell_sampled(part_.listed, writer_ && compressed());
    sample().drop_before(part_.listed);
    saved_ = Clock::now();
    const auto total = static_cast<int64_t>(listing_.images.size());
    while (part_.listed < total) {
      const int64_t count = std::min(piece_size(), total - part_.listed);
      const int64_t waiting = sample().waiting(part_.listed);
      const int64_t waiting_after = sample().waiting(part_.listed + count);
      if (!read_piece(count)) return std::nullopt;
      save_now_and_then();
      report_->tell_proceeded(part_.listed, count - (waiting - waiting_after));
    }
    for (const std::string& line : remarks_.lines()) observer_.note(line);
    finish_table();
    table = std::move(part_.table);
    if (writer_) return FoundPack{finish_file(table), cache_.file()};
    if (cache_.exists() && report_->seconds() >= options_.seconds_worth_keeping) {
      cache_.keep(compressed() ? compressed_ : pixels_, table, report_->seconds(), observer_);
    }
    pixels_.shrink();
    for (PackTable::Image& image : table.images) image.compressed_bytes = 0;
    auto block = std::make_shared<PixelBlock>(std::move(pixels_));
    const uint8_t* bytes = block->data();
    return FoundPack{{.owner = std::move(block), .bytes = bytes}, {}};
  }

  void save_now_and_then() {
    constexpr std::chrono::seconds between_saves{5};
    if (!writer_ || Clock::now() - saved_ < between_saves) return;
    writer_->save(part_);
    saved_ = Clock::now();
  }

  // What is wrong with a picture or the pack may be wrong with what is there, too. An error of the
  // watch says nothing against hours of decoded pictures.
  void save_or_discard(const Error& error) {
    if (report_->watch_failed()) {
      try {
        writer_->save(part_);
      } catch (const Error&) {
        // The error of the watch is the one to report. What was saved before stays.
      }
    } else if (error.fault() == Fault::stopped) {
      writer_->save(part_);
    } else {
      writer_->discard();
    }
  }

  ReadingSample& sample() { return report_->sample(); }
  const ReadingSample& sample() const { return report_->sample(); }

  // Pieces take about half a second (progress, and threads that seldom wait for each other) and
  // hold at most 64 MiB of pixels beside the block, or twice that while others bring them. The
  // result does not depend on the pieces.
  int64_t piece_size() const {
    const int64_t least = int64_t{4} * std::max(options_.threads, 1);
    if (sample().listed().empty()) return least;
    const double by_time = 0.5 / std::max(report_->seconds_each(), 1e-6);
    const int64_t images = std::ssize(part_.table.images);
    const double bytes_each = pixel_bytes_ > 0 ? static_cast<double>(pixel_bytes_) /
                                                     static_cast<double>(images - images_before_)
                                               : sample().bytes_each();
    const double by_memory = double{1 << 26} / std::max(bytes_each, 1.0);
    return std::max(least, static_cast<int64_t>(std::min({by_time, by_memory, 1e6})));
  }

  // A limit that has passed before the work begins must not keep it from getting on.
  void stop_if_requested() const {
    if (!observer_.cancel.requested()) return;
    if (writer_ && observer_.cancel.passed_limit() && report_->did_little()) return;
    observer_.stop_if_requested();
  }

  // Of a time limit, the sample is too short to be stopped: nothing of it would be kept.
  void read_sample() {
    const auto read_one = [&](const ListedImage& listed) {
      if (!observer_.cancel.passed_limit()) observer_.stop_if_requested();
      return read(listed);
    };
    report_.emplace(listing_, options_, observer_, read_one, means_.now);
  }

  // Decodes the next `count` images in parallel and appends them in order. False when another
  // process has made the cache.
  bool read_piece(int64_t count) {
    const int64_t begin = part_.listed;
    results_.assign(count, {});
    std::vector<char> is_left(count, 0);  // to all who read
    parallel_for(count, options_.threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        stop_if_requested();
        const ListedImage& listed = listing_.images[begin + i];
        if (auto sampled = sample().take(begin + i)) {
          results_[i] = *std::move(sampled);
        } else if (options_.help && !listed.planes && !earlier_->has(listed)) {
          is_left[i] = 1;
        } else {
          results_[i] = read(listed);
        }
      }
    });
    if (options_.help) read_with_help(begin, is_left);
    for (int64_t i = 0; i < count; ++i) append(begin + i, results_[i]);
    part_.listed += count;
    if (writer_ || pixel_bytes_ <= budget()) return true;
    const ImagesSoFar so_far{.listed = part_.listed, .bytes = pixel_bytes_};
    if (!begin_file(estimate_pack(listing_, sample(), so_far, options_, observer_))) return false;
    sample().drop_before(part_.listed);
    return true;
  }

  void read_with_help(int64_t begin, const std::vector<char>& is_left) {
    std::vector<int64_t> left;
    std::vector<const ListedImage*> images;
    for (int64_t i = 0; i < std::ssize(is_left); ++i) {
      if (!is_left[i]) continue;
      left.push_back(i);
      images.push_back(&listing_.images[begin + i]);
    }
    if (left.empty()) return;
    const auto read_here = [this](const ListedImage& listed) {
      stop_if_requested();
      return means_.read(listed, options_);
    };
    std::vector<ReadResult> results =
        options_.help->read(images, options_, options_.threads, read_here);
    for (size_t i = 0; i < left.size(); ++i) results_[left[i]] = std::move(results[i]);
  }

  ReadResult read(const ListedImage& listed) const {
    if (auto known = earlier_->find(listed)) return *std::move(known);
    return means_.read(listed, options_);
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
      part_ = found;
      pixel_bytes_ = 0;
      images_before_ = std::ssize(part_.table.images);
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

  const Listing& listing_;
  const LoadOptions& options_;
  const PackCache& cache_;
  const Observer& observer_;
  const ReadingMeans& means_;
  bool& saves_;  // set once a stop leaves something from which the next process goes on
  PackPart part_;
  int64_t images_before_ = 0;  // of part_, from an earlier process
  std::optional<ReadingReport> report_;
  std::vector<ReadResult> results_;
  RemarkCounts remarks_;
  uint64_t pixel_bytes_ = 0;  // of all images that this process has appended
  PixelBlock pixels_, compressed_;
  std::optional<EarlierPictures> earlier_;
  std::optional<MakeLock> lock_;
  std::optional<PackWriter> writer_;
  Clock::time_point saved_;
};

}  // namespace

std::optional<FoundPack> read_images(const Listing& listing, const LoadOptions& options,
                                     const PackCache& cache, const ReadInto& into,
                                     const Observer& observer, const ReadingMeans& means) {
  return Packer(listing, options, cache, observer, means, into.saves).run(into.table);
}

}  // namespace nolabel
