#include "nolabel/data/pack.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/data/packer.h"
#include "nolabel/data/read_classes.h"
#include "nolabel/record/unsaved_work.h"

namespace nolabel {
namespace {

// From the cache of an earlier run, if there is a good one, else from the files.
FoundPack packed_images(const Listing& listing, const LoadOptions& options, PackCache& cache,
                        PackTable& table, const Observer& observer, bool& saves) {
  for (;;) {
    if (auto found = cache.open(table, observer)) return *found;
    auto read = read_images(listing, options, cache, {table, saves}, observer);
    if (read) return *std::move(read);
  }
}

Dataset to_dataset(const Listing& listing, const PackTable& table, FoundPack packed) {
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
  FoundPack packed;
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
