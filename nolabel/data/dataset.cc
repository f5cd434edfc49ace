#include "nolabel/data/dataset.h"

#include <algorithm>
#include <cstring>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/compressed_picture.h"

namespace nolabel {

Dataset::Dataset(std::vector<Entry> entries, ImageBlock block, std::vector<std::string> class_names,
                 std::string fingerprint, std::string place)
    : entries_(std::move(entries)),
      block_(std::move(block)),
      class_names_(std::move(class_names)),
      fingerprint_(std::move(fingerprint)),
      place_(std::move(place)),
      has_labels_(!entries_.empty() && std::all_of(entries_.begin(), entries_.end(),
                                                   [](const Entry& e) { return e.label >= 0; })) {}

DatasetImage Dataset::decoded(const Entry& entry) const {
  const auto* start = reinterpret_cast<const char*>(block_.bytes + entry.offset);
  try {
    return DatasetImage(decompress({start, entry.compressed_bytes}, entry.height, entry.width));
  } catch (const Error& damage) {
    fail_data(
        "the packed cache holds a damaged copy of {}: {}. Delete {}; the next run makes the cache "
        "again.",
        entry.name, damage.what(), place_);
  }
}

RowKey Dataset::pixel_key(int64_t i) const {
  const Entry& entry = entries_[i];
  const int64_t header[] = {entry.height, entry.width, entry.compressed_bytes};
  Sha256 hash;
  hash.update(header, sizeof header);
  hash.update(block_.bytes + entry.offset, entry.bytes());
  return row_key(hash);
}

std::vector<int> Dataset::labels() const {
  std::vector<int> labels;
  if (!has_labels_) return labels;
  labels.reserve(entries_.size());
  for (const Entry& entry : entries_) labels.push_back(entry.label);
  return labels;
}

Dataset Dataset::subset(const std::vector<int64_t>& indices) const {
  std::vector<Entry> entries;
  entries.reserve(indices.size());
  bool whole = static_cast<int64_t>(indices.size()) == size();
  Sha256 hash;
  hash.update(fingerprint_);
  for (const int64_t i : indices) {
    NOLABEL_ASSERT(i >= 0 && i < size());
    whole = whole && i == static_cast<int64_t>(entries.size());
    hash.update(&i, sizeof i);
    entries.push_back(entries_[i]);
  }
  const std::string form = fingerprint_.substr(0, fingerprint_.find(':') + 1);  // "" or "jpeg95:"
  return Dataset(std::move(entries), block_, class_names_, whole ? fingerprint_ : form + hash.hex(),
                 place_);
}

std::string image_digest(ImageView image, std::string_view name) {
  const int64_t header[] = {image.height, image.width, static_cast<int64_t>(name.size())};
  Sha256 hash;
  hash.update(header, sizeof header);
  hash.update(name);
  hash.update(image.data, static_cast<size_t>(image.height) * image.width * 3);
  return hash.hex();
}

std::string combined_fingerprint(const std::vector<std::string>& digests) {
  Sha256 hash;
  for (const std::string& digest : digests) hash.update(digest);
  return hash.hex();
}

Dataset make_dataset(const std::vector<Image>& images, const std::vector<std::string>& names,
                     const std::vector<int>& labels, std::vector<std::string> class_names) {
  NOLABEL_ASSERT(names.size() == images.size());
  NOLABEL_ASSERT(labels.empty() || labels.size() == images.size());
  size_t bytes = 0;
  for (const Image& image : images) bytes += image.pixels.size();
  auto block = std::make_shared<std::vector<uint8_t>>();
  block->reserve(bytes);
  std::vector<Dataset::Entry> entries;
  std::vector<std::string> digests;
  for (size_t i = 0; i < images.size(); ++i) {
    entries.push_back({block->size(), images[i].height, images[i].width,
                       labels.empty() ? -1 : labels[i], 0, names[i]});
    digests.push_back(image_digest(images[i].view(), names[i]));
    block->insert(block->end(), images[i].pixels.begin(), images[i].pixels.end());
  }
  const uint8_t* pixels = block->data();
  return Dataset(std::move(entries), {.owner = std::move(block), .bytes = pixels},
                 std::move(class_names), combined_fingerprint(digests));
}

}  // namespace nolabel
