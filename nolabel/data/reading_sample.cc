#include "nolabel/data/reading_sample.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// ImageNet's sizes, and how long its pictures take, are then known within some percent.
constexpr int64_t most_images = 256;
// Of photos of 12 megapixels, two cores read some 80 in this time. A slow disk gives two, which say
// little of the others: then a few seconds more are worth it.
constexpr double usual_seconds = 1, most_seconds = 4;
constexpr int64_t least_readable = 32;
constexpr uint64_t most_bytes = uint64_t{64} << 20;

// 0 to count - 1, of which any first ones are spread over all: those with the bits of 0, 1, 2 …
// reversed.
std::vector<int64_t> spread_order(int64_t count) {
  int bits = 0;
  while (int64_t{1} << bits < count) ++bits;
  std::vector<int64_t> order;
  for (int64_t i = 0; i < int64_t{1} << bits; ++i) {
    int64_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit) reversed |= (i >> bit & 1) << (bits - 1 - bit);
    if (reversed < count) order.push_back(reversed);
  }
  return order;
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

ReadingSample::ReadingSample(const Listing& listing, int threads, const Read& read,
                             const std::function<double()>& now) {
  const auto total = static_cast<int64_t>(listing.images.size());
  const std::vector<int64_t> order = spread_order(std::min(total, most_images));
  const auto count = std::ssize(order);
  // In the middle of each part: sample_short_sides() has read the first ones, which would be faster
  // to read again.
  const auto number = [&](int64_t i) { return (2 * order[i] + 1) * total / (2 * count); };
  std::vector<std::optional<ReadResult>> results(count);
  std::atomic<uint64_t> bytes = 0;
  std::atomic<int64_t> readable = 0;
  const double start = now();
  const auto suffices = [&] {
    const double most = readable < least_readable ? most_seconds : usual_seconds;
    return bytes > most_bytes || now() - start > most;
  };
  parallel_for(count, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (suffices()) return;
      results[i] = read(listing.images[number(i)]);
      if (!results[i]->failure.empty()) continue;
      ++readable;
      bytes += results[i]->image.pixels.size();
    }
  });
  seconds_ = now() - start;
  readable_ = readable;
  bytes_ = bytes;
  for (int64_t i = 0; i < count; ++i) {
    if (!results[i]) continue;
    compressed_bytes_ += results[i]->compressed.size();
    listed_.push_back(number(i));
    results_.emplace(number(i), std::move(results[i]));
  }
  std::ranges::sort(listed_);
}

double ReadingSample::seconds_each() const {
  return listed_.empty() ? 0 : seconds_ / static_cast<double>(listed_.size());
}

double ReadingSample::bytes_each() const {
  return readable_ == 0 ? 0 : static_cast<double>(bytes_) / static_cast<double>(readable_);
}

double ReadingSample::compressed_share() const {
  return bytes_ == 0 ? 0 : static_cast<double>(compressed_bytes_) / static_cast<double>(bytes_);
}

Dataset ReadingSample::images(const Listing& listing, bool compressed) const {
  auto block = std::make_shared<std::string>();
  std::vector<Dataset::Entry> entries;
  for (const auto& [listed, result] : results_) {
    if (!result || !result->failure.empty()) continue;
    const Image& image = result->image;
    const auto* pixels = reinterpret_cast<const char*>(image.pixels.data());
    const std::string_view bytes = compressed ? std::string_view(result->compressed)
                                              : std::string_view(pixels, image.pixels.size());
    entries.push_back({block->size(), image.height, image.width, -1,
                       static_cast<uint32_t>(compressed ? bytes.size() : 0),
                       listing.images[listed].name});
    *block += bytes;
  }
  const auto* first = reinterpret_cast<const uint8_t*>(block->data());
  return Dataset(std::move(entries), {.owner = std::move(block), .bytes = first}, {}, "a sample");
}

const ReadResult* ReadingSample::find(int64_t listed) const {
  const auto found = results_.find(listed);
  return found == results_.end() || !found->second ? nullptr : &*found->second;
}

std::optional<ReadResult> ReadingSample::take(int64_t listed) {
  const auto found = results_.find(listed);
  if (found == results_.end() || !found->second) return std::nullopt;
  return std::exchange(found->second, std::nullopt);
}

void ReadingSample::drop_before(int64_t listed) {
  while (!results_.empty() && results_.begin()->first < listed) {
    results_.erase(results_.begin());
  }
}

int64_t ReadingSample::waiting(int64_t from) const {
  return std::count_if(results_.lower_bound(from), results_.end(),
                       [](const auto& result) { return result.second.has_value(); });
}

}  // namespace nolabel
