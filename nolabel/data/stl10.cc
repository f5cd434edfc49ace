// STL-10 in its published binary version: <split>_X.bin holds images as red, green and blue planes
// of 96 x 96 bytes, each plane column by column; <split>_y.bin one label byte per image, 1 to 10.
// Coates, Ng and Lee, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning"
// (2011).
#include <sstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/listing.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr int side = 96;
constexpr size_t stl_image_bytes = size_t{3} * side * side;

// The folder with the files: `path` or the one in it that the archive makes. Empty when there is
// none.
fs::path find_folder(const fs::path& path) {
  std::error_code error;
  for (const fs::path& folder : {path, path / "stl10_binary"}) {
    for (const char* file : {"train_X.bin", "test_X.bin"}) {
      if (fs::is_regular_file(folder / file, error)) return folder;
    }
  }
  return {};
}

// One line each, as published. A folder without the file has the published names.
std::vector<std::string> read_class_names(const fs::path& file) {
  if (!fs::exists(file)) {
    return {"airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"};
  }
  std::istringstream text(read_file(file));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  return names;
}

void require_file(const fs::path& file) {
  if (!fs::exists(file)) fail_data("{} is missing", file.string());
}

// The labels of `count` images, from 0.
std::vector<int32_t> read_labels(const fs::path& file, size_t count, size_t classes) {
  require_file(file);
  const std::string stored = read_file(file);
  if (stored.size() != count) {
    fail_data("{}: must hold one byte for each of {} images. It has {} bytes.", file.string(),
              count, stored.size());
  }
  std::vector<int32_t> labels;
  for (size_t i = 0; i < count; ++i) {
    const int label = static_cast<uint8_t>(stored[i]);
    if (label < 1 || static_cast<size_t>(label) > classes) {
      fail_data("{}: image {} has the label {}, but there are {} class names", file.string(), i,
                label, classes);
    }
    labels.push_back(label - 1);
  }
  return labels;
}

// Appends the images of one file; `with_labels` says whether it has a file of labels to be read.
void append_split(Listing& listing, const fs::path& folder, const std::string& part,
                  bool with_labels) {
  const fs::path file = folder / (part + "_X.bin");
  require_file(file);
  ListedImage of_file;
  of_file.file = file.string();
  look_at_file(of_file);
  if (of_file.file_bytes == 0 || of_file.file_bytes % stl_image_bytes != 0) {
    fail_data("{}: must hold whole images of {} bytes. It has {} bytes: truncated?", file.string(),
              stl_image_bytes, of_file.file_bytes);
  }
  const auto mapped = std::make_shared<const MappedFile>(file);
  const size_t count = mapped->bytes().size() / stl_image_bytes;
  std::vector<int32_t> labels(count, -1);
  if (with_labels) {
    labels = read_labels(folder / (part + "_y.bin"), count, listing.class_names.size());
  }
  const auto* planes = reinterpret_cast<const uint8_t*>(mapped->bytes().data());
  listing.images.reserve(listing.images.size() + count);
  for (size_t i = 0; i < count; ++i) {
    ListedImage image = of_file;
    image.name = format("{}:{}", part, i);
    image.label = labels[i];
    image.planes = {planes + i * stl_image_bytes, side, true, mapped.get()};
    image.unlabeled = part == "unlabeled";
    listing.images.push_back(std::move(image));
  }
  listing.storage.push_back(mapped);
}

}  // namespace

bool is_stl10(const fs::path& path) {
  return !find_folder(path).empty();
}

Listing list_stl10(const fs::path& path, const LoadOptions& options, FileCount&) {
  const fs::path folder = find_folder(path);
  const bool with_labels = options.labels != LabelSource::none;
  Listing listing;
  if (with_labels) listing.class_names = read_class_names(folder / "class_names.txt");
  if (options.split != Split::test) append_split(listing, folder, "train", with_labels);
  if (options.unlabeled) append_split(listing, folder, "unlabeled", false);
  if (options.split != Split::train) append_split(listing, folder, "test", with_labels);
  return listing;
}

}  // namespace nolabel
