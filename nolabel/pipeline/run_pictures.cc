#include "nolabel/pipeline/run_pictures.h"

#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

Listing listing_of(const RunState& state, const Observer& observer) {
  LoadOptions options;
  options.labels = LabelSource::none;
  options.coarse = state.images.coarse;
  options.subset = state.images.subset;
  return list_images(state.data, options, observer.silent());
}

bool is_there(const fs::path& file) {
  std::error_code unreadable;  // a name can be too long for a file
  return fs::is_regular_file(file, unreadable);
}

}  // namespace

struct RunPictures::Listed {
  explicit Listed(Listing all) : listing(std::move(all)) {
    for (const ListedImage& image : listing.images) by_name.emplace(image.name, &image);
  }
  Listed(const Listed&) = delete;

  const ListedImage* find(const std::string& name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }

  const Listing listing;
  std::unordered_map<std::string, const ListedImage*> by_name;
};

RunPictures::RunPictures(const RunState& state, const Observer& observer) {
  if (!state.data.empty()) {
    listed_ = std::make_unique<const Listed>(listing_of(state, observer));
    root_ = listed_->listing.root;
  } else if (!state.paths.empty()) {
    root_ = state.paths.parent_path();
  }
}

RunPictures::~RunPictures() = default;

std::optional<fs::path> RunPictures::file(const std::string& name) const {
  fs::path file;
  if (listed_) {
    const ListedImage* image = listed_->find(name);
    if (image != nullptr && !image->planes) file = image->file;
  } else if (!root_.empty()) {
    file = root_ / name;
  }
  return is_there(file) ? std::optional(file) : std::nullopt;
}

std::optional<int> RunPictures::side(const std::string& name) const {
  const ListedImage* image = listed_ ? listed_->find(name) : nullptr;
  return image != nullptr && image->planes ? std::optional(image->planes.side) : std::nullopt;
}

Image RunPictures::picture(const std::string& name) const {
  const ListedImage* image = listed_ ? listed_->find(name) : nullptr;
  NOLABEL_ASSERT(image != nullptr && image->planes);
  LoadOptions as_it_is;
  as_it_is.pictures.short_side = 0;
  return read_listed(*image, as_it_is).image;
}

}  // namespace nolabel
