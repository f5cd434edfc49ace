// bench_cache FORM FOLDER: one pass over the pictures of FOLDER at short side 256 on one core, as
// every epoch makes it. FORM files: each is read and decoded again, as without a cache; raw,
// compressed: from a packed cache, which is made first (lines "make" and "size", "error").
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "measure.h"
#include "nolabel/base/file.h"
#include "nolabel/data/source.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/resize.h"

using namespace nolabel;

namespace {

// Every pixel is looked at, as a view would.
uint64_t look_at(ImageView image) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < int64_t{image.height} * image.width * 3; ++i) sum += image.data[i];
  return sum;
}

double mean_error(const Dataset& exact, const Dataset& kept) {
  double sum = 0, count = 0;
  for (int64_t i = 0; i < exact.size(); ++i) {
    const DatasetImage a = exact.image(i), b = kept.image(i);
    const int64_t levels = int64_t{a.height()} * a.width() * 3;
    for (int64_t k = 0; k < levels; ++k) {
      sum += std::abs(int{a.view().data[k]} - int{b.view().data[k]});
    }
    count += static_cast<double>(levels);
  }
  return sum / count;
}

volatile uint64_t seen = 0;  // so that looking is not optimized away

double epoch_from_files(const Dataset& listed, const std::filesystem::path& folder,
                        const LoadOptions& options) {
  return bench::seconds_per_call([&] {
    for (int64_t i = 0; i < listed.size(); ++i) {
      Image image = read_image(folder / listed.name(i));
      if (std::min(image.height, image.width) > options.pictures.short_side) {
        image = resize_short_side(image.view(), options.pictures.short_side);
      }
      seen = seen + look_at(image.view());
    }
  });
}

double epoch(const Dataset& images) {
  return bench::seconds_per_call([&] {
    for (int64_t i = 0; i < images.size(); ++i) {
      const DatasetImage image = images.image(i);
      seen = seen + look_at(image.view());
    }
  });
}

}  // namespace

int main(int, char** argv) {
  const std::string form = argv[1];
  const std::filesystem::path folder = argv[2];
  LoadOptions options;
  options.reduced_decode = false;  // as published configs have it
  const Dataset exact = load_images({folder}, options, {}).dataset;
  const auto count = static_cast<double>(exact.size());
  if (form == "files") {
    bench::report("epoch", count / epoch_from_files(exact, folder, options), "images/s");
    return 0;
  }
  const TemporaryDirectory cache;
  options.cache_directory = cache.path();
  options.memory_bytes = 0;
  if (form == "compressed") options.cache_format = CacheFormat::compressed;
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  const Dataset packed = load_images({folder}, options, {}).dataset;
  const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
  bench::report("make", count / seconds, "images/s");
  const auto bytes = static_cast<double>(
      std::filesystem::file_size(*std::filesystem::directory_iterator(cache.path())));
  bench::report("size", bytes / count, "bytes/image");
  bench::report("error", mean_error(exact, packed), "levels");
  bench::report("epoch", count / epoch(packed), "images/s");
}
