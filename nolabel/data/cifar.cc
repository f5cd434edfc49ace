#include "nolabel/data/cifar.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

struct Found {
  fs::path folder;
  const CifarLayout* layout;
};

bool holds(const fs::path& folder, const CifarLayout& layout) {
  std::error_code error;
  return fs::is_regular_file(folder / layout.meta, error) &&
         (fs::is_regular_file(folder / layout.train.front(), error) ||
          fs::is_regular_file(folder / layout.test.front(), error));
}

// In `path` itself or under the archive's folder name in it.
std::vector<Found> find_layout(const fs::path& path, const CifarFormat& format) {
  std::vector<Found> found;
  for (const CifarLayout& layout : format.layouts) {
    for (const fs::path& folder : {path, path / layout.folder}) {
      if (holds(folder, layout)) found.push_back({folder, &layout});
    }
  }
  return found;
}

void append_batch(Listing& listing, CifarBatch batch, const fs::path& file) {
  ListedImage of_batch;
  of_batch.file = file.string();
  look_at_file(of_batch);
  for (size_t i = 0; i < batch.planes.size(); ++i) {
    ListedImage image = of_batch;
    image.name = batch.names[i];
    image.label = batch.labels[i];
    image.planes = {batch.planes[i], cifar_side};
    listing.images.push_back(std::move(image));
  }
  listing.storage.push_back(std::move(batch.storage));
}

}  // namespace

bool is_cifar(const fs::path& path, const CifarFormat& format) {
  return !find_layout(path, format).empty();
}

Listing list_cifar(const fs::path& path, const CifarFormat& format, const LoadOptions& options) {
  const std::vector<Found> found = find_layout(path, format);
  if (found.size() > 1) {
    fail_usage("{} must hold one data set. It holds {} and {}: name one of them.", path.string(),
               found[0].folder.string(), found[1].folder.string());
  }
  const auto& [folder, layout] = found.front();
  if (options.coarse && layout->classes != 100) {
    fail_usage("only CIFAR-100 has superclasses (coarse labels). Received {}.", folder.string());
  }
  std::vector<const char*> files;
  if (options.split != Split::test) files = layout->train;
  if (options.split != Split::train) {
    files.insert(files.end(), layout->test.begin(), layout->test.end());
  }
  Listing listing;
  const std::vector<std::string> names = format.read_class_names(folder, *layout, options.coarse);
  for (const char* file : files) {
    if (!fs::exists(folder / file)) fail_data("{} is missing", (folder / file).string());
    append_batch(listing, format.read_batch(folder / file, *layout, options.coarse), folder / file);
  }
  for (ListedImage& image : listing.images) {
    if (image.label < 0 || static_cast<size_t>(image.label) >= names.size()) {
      fail_data("{}: image {} has the label {}, but there are {} class names", image.file,
                image.name, image.label, names.size());
    }
    if (options.labels == LabelSource::none) image.label = -1;
  }
  if (options.labels != LabelSource::none) listing.class_names = names;
  return listing;
}

}  // namespace nolabel
