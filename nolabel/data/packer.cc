#include "nolabel/data/packer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/earlier_pictures.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/data/read_listed.h"
#include "nolabel/data/reading_sample.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

class Packer {
 public:
  Packer(const Listing& listing, const LoadOptions& options, const PackCache& cache,
         const Observer& observer, bool& saves)
      : listing_(listing), options_(options), cache_(cache), observer_(observer), saves_(saves) {}

  std::optional<FoundPack> run(PackTable& table) {
    try {
      return run_and_save(table);
    } catch (const Error& error) {
      if (writer_) error.fault() == Fault::stopped ? writer_->save(part_) : writer_->discard();
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
    started_ = reported_ = saved_ = Clock::now();
    read_sample();
    if (expected_bytes(listing_, options_) > budget()) {
      const PackEstimate estimate = estimate_pack(listing_, *sample_, {}, options_, observer_);
      if (estimate.raw_bytes > budget() && !begin_file(estimate)) return std::nullopt;
    }
    tell_sampled();
    const auto total = static_cast<int64_t>(listing_.images.size());
    while (part_.listed < total) {
      const int64_t count = std::min(piece_size(), total - part_.listed);
      if (!read_piece(count)) return std::nullopt;
      save_now_and_then();
      report();
    }
    for (const std::string& line : remarks_.lines()) observer_.note(line);
    finish_table();
    table = std::move(part_.table);
    if (writer_) return FoundPack{finish_file(table), cache_.file()};
    if (cache_.exists() && seconds() >= options_.seconds_worth_keeping) {
      cache_.keep(compressed() ? compressed_ : pixels_, table, seconds(), observer_);
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

  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  // Pieces take about half a second (progress, and threads that seldom wait for each other) and
  // hold at most 64 MiB of pixels beside the block. The result does not depend on them.
  int64_t piece_size() const {
    const int64_t least = int64_t{4} * std::max(options_.threads, 1);
    const int64_t done = read_so_far() - begun_at_, appended = part_.listed - begun_at_;
    if (done == 0) return least;
    const double by_time = 0.5 * static_cast<double>(done) / std::max(seconds(), 1e-6);
    const double bytes_each =
        appended > 0 ? static_cast<double>(pixel_bytes_) / static_cast<double>(appended)
                     : sample_->bytes_each();
    const double by_memory = double{1 << 26} / std::max(bytes_each, 1.0);
    return std::max(least, static_cast<int64_t>(std::min({by_time, by_memory, 1e6})));
  }

  // A limit that has passed before the work begins must not keep it from getting on.
  void stop_if_requested() const {
    const std::chrono::duration<double> worked = Clock::now() - started_;
    const bool little_done = worked.count() < seconds_of_work_despite_limit;
    if (writer_ && observer_.cancel.passed_limit() && little_done) return;
    observer_.stop_if_requested();
  }

  // Of a time limit, the sample is too short to be stopped: nothing of it would be kept.
  void read_sample() {
    sample_.emplace(listing_, options_.threads, [&](const ListedImage& listed) {
      if (!observer_.cancel.passed_limit()) observer_.stop_if_requested();
      return read(listed);
    });
  }

  // The time that this takes is not that of reading.
  void tell_sampled() {
    if (!options_.watch.sampled) return;
    const SampledImages sampled = sampled_images();
    if (sampled.images.size() == 0) return;
    const Clock::time_point before = Clock::now();
    try {
      options_.watch.sampled(sampled);
    } catch (const Error& error) {
      // A time limit ends this, but not the reading, which is to get on a little despite it.
      const CancelToken& cancel = observer_.cancel;
      const bool by_limit = cancel.passed_limit() || !cancel.requested();
      if (error.fault() != Fault::stopped || !by_limit) throw;
    }
    const Clock::duration told = Clock::now() - before;
    for (Clock::time_point* time : {&started_, &reported_, &saved_}) *time += told;
  }

  SampledImages sampled_images() const {
    Dataset images = sample_->images(listing_, writer_ && compressed());
    const auto total = static_cast<double>(listing_.images.size());
    const auto sampled = static_cast<double>(sample_->listed().size());
    const double usable = static_cast<double>(images.size()) / std::max(sampled, 1.0);
    const double left = total - static_cast<double>(read_so_far());
    return {.images = std::move(images),
            .root = listing_.root,
            .total = std::llround(usable * total),
            .seconds_each = sample_->seconds_each(),
            .seconds_left = left * sample_->seconds_each()};
  }

  // Images of the listing that were read: so many first ones, and those of the sample.
  int64_t read_so_far() const { return part_.listed + sample_->waiting(part_.listed); }

  // Decodes the next `count` images in parallel and appends them in order. False when another
  // process has made the cache.
  bool read_piece(int64_t count) {
    const int64_t begin = part_.listed;
    results_.assign(count, {});
    parallel_for(count, options_.threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        stop_if_requested();
        auto sampled = sample_->take(begin + i);
        results_[i] = sampled ? *std::move(sampled) : read(listing_.images[begin + i]);
      }
    });
    for (int64_t i = 0; i < count; ++i) append(begin + i, results_[i]);
    part_.listed += count;
    if (writer_ || pixel_bytes_ <= budget()) return true;
    const ImagesSoFar so_far{.listed = part_.listed, .bytes = pixel_bytes_};
    return begin_file(estimate_pack(listing_, *sample_, so_far, options_, observer_));
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
      sample_->drop_before(part_.listed);
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

  void report() {
    const auto total = static_cast<int64_t>(listing_.images.size());
    const int64_t done = read_so_far();
    const Clock::time_point now = Clock::now();
    if (done < total && now - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = now;
    const double per_second = static_cast<double>(done - begun_at_) / std::max(seconds(), 1e-9);
    const double seconds_left = static_cast<double>(total - done) / per_second;
    if (options_.watch.proceeded) options_.watch.proceeded(seconds_left);
    if (!observer_.progress) return;
    observer_.progress({.stage = "reading images",
                        .step = "",
                        .done = done,
                        .total = total,
                        .unit = "images",
                        .per_second = per_second,
                        .seconds_left = seconds_left});
  }

  const Listing& listing_;
  const LoadOptions& options_;
  const PackCache& cache_;
  const Observer& observer_;
  bool& saves_;  // set once a stop leaves something from which the next process goes on
  PackPart part_;
  int64_t begun_at_ = 0;  // part_.listed when this process began
  std::optional<ReadingSample> sample_;
  std::vector<ReadResult> results_;
  RemarkCounts remarks_;
  uint64_t pixel_bytes_ = 0;  // of all images so far, wherever they are
  PixelBlock pixels_, compressed_;
  std::optional<EarlierPictures> earlier_;
  std::optional<MakeLock> lock_;
  std::optional<PackWriter> writer_;
  Clock::time_point started_, reported_, saved_;
};

}  // namespace

std::optional<FoundPack> read_images(const Listing& listing, const LoadOptions& options,
                                     const PackCache& cache, const ReadInto& into,
                                     const Observer& observer) {
  return Packer(listing, options, cache, observer, into.saves).run(into.table);
}

}  // namespace nolabel
