#include "nolabel/data/sample_sizes.h"

#include <algorithm>

#include "nolabel/base/threads.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {
namespace {

// A majority among so many is one among all, unless it is a narrow one. 12-megapixel photos take
// about 30 ms each.
constexpr int64_t images_sampled = 48;

}  // namespace

std::vector<int> sample_short_sides(const std::vector<std::filesystem::path>& paths,
                                    const LoadOptions& options, int enough,
                                    const Observer& observer) {
  const Listing listing = list_images(paths, options, observer.silent());
  LoadOptions small = options;
  small.pictures.short_side = enough + 1;
  small.pictures.enlarge = false;
  small.reduced_decode = true;
  small.cache_format = CacheFormat::raw;
  const auto total = static_cast<int64_t>(listing.images.size());
  const int64_t count = std::min(total, images_sampled);
  std::vector<int> sides(count, 0);
  parallel_for(count, options.threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      observer.stop_if_requested();
      const ReadResult read = read_listed(listing.images[i * total / count], small);
      if (read.failure.empty()) sides[i] = std::min(read.image.height, read.image.width);
    }
  });
  std::erase(sides, 0);
  return sides;
}

}  // namespace nolabel
