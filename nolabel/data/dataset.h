// A data set: RGB images in a fixed order, some with labels, all with names.
//
// There is one class. What differs between sources (a folder, CIFAR's pickles …) is how its table
// is filled; see source.h. The images lie in one block, in memory or in a mapped cache file: as
// pixels, of which image(i) is a view without a copy, or as compressed pictures, which image(i)
// decodes. Safe from any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/base/keyed_rows.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/dataset_image.h"
#include "nolabel/data/image_block.h"
#include "nolabel/image/image.h"

namespace nolabel {

// A picture that could not be used, and why.
struct SkippedImage {
  std::string name;
  std::string reason;
};

class Dataset {
 public:
  struct Entry {
    uint64_t offset;  // of its first byte in the block
    int32_t height, width;
    int32_t label;  // -1: none
    // Of the compressed picture (compressed_picture.h); 0: the block holds the pixels themselves.
    uint32_t compressed_bytes;
    // Bytes in the block.
    uint64_t bytes() const { return stored_bytes(height, width, compressed_bytes); }
    std::string name;  // path relative to its root, with '/' (bytewise order), or "batch:index"
  };

  // `place` is the cache file, for messages.
  Dataset(std::vector<Entry> entries, ImageBlock block, std::vector<std::string> class_names,
          std::string fingerprint, std::string place = {});

  int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  // Throws Error(Fault::data) when the compressed picture is damaged.
  DatasetImage image(int64_t i) const {
    const Entry& e = entries_[i];
    if (e.compressed_bytes > 0) return decoded(e);
    return DatasetImage(ImageView{block_.bytes + e.offset, e.height, e.width});
  }
  // A pass over all images, or many, has read this one: MappedFile::passed().
  void passed(int64_t i) const {
    if (block_.file) block_.file->passed(entries_[i].bytes());
  }
  // Known without decoding.
  int height(int64_t i) const { return entries_[i].height; }
  int width(int64_t i) const { return entries_[i].width; }
  std::optional<int> label(int64_t i) const {
    const int32_t label = entries_[i].label;
    return label < 0 ? std::nullopt : std::optional<int>(label);
  }
  const std::string& name(int64_t i) const { return entries_[i].name; }
  // Of the image's size and what the block holds of it, whatever its name or place: the same for
  // the same pixels. Reads all of them.
  RowKey pixel_key(int64_t i) const;

  // True when every image has a label; only then are label-based figures reported.
  bool has_labels() const { return has_labels_; }
  // Labels in order; empty unless has_labels().
  std::vector<int> labels() const;
  // Empty when there are no labels.
  const std::vector<std::string>& class_names() const { return class_names_; }
  // SHA-256 of sizes, pixels and names in order (labels do not count: they determine no result);
  // see image_digest() and combined_fingerprint(). That of a subset follows from its parent's and
  // the indices. What stands before a colon says how the pixels were changed when they were kept
  // ("jpeg95:…"); without one they are as decoded.
  const std::string& fingerprint() const { return fingerprint_; }

  // How and where the images lie, for other processes that work on them.
  const std::vector<Entry>& entries() const { return entries_; }
  const uint8_t* bytes() const { return block_.bytes; }  // from which offsets count
  const std::string& place() const { return place_; }    // of the mapped file, or empty

  // The same pixels, only the images of `indices`, in that order.
  Dataset subset(const std::vector<int64_t>& indices) const;

 private:
  DatasetImage decoded(const Entry& entry) const;

  std::vector<Entry> entries_;
  ImageBlock block_;
  std::vector<std::string> class_names_;
  std::string fingerprint_, place_;
  bool has_labels_;
};

// SHA-256 of one image's size, pixels and name: 64 hexadecimal digits.
std::string image_digest(ImageView image, std::string_view name);
// The fingerprint of a data set whose images, in order, have these digests.
std::string combined_fingerprint(const std::vector<std::string>& digests);

// A data set from images in memory: for programs that have no files, and for tests.
// `labels` is empty or has one entry per image (-1: none).
Dataset make_dataset(const std::vector<Image>& images, const std::vector<std::string>& names,
                     const std::vector<int>& labels = {},
                     std::vector<std::string> class_names = {});

}  // namespace nolabel
