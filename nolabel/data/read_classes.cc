#include "nolabel/data/read_classes.h"

#include <utility>

namespace nolabel {

void keep_read_classes(Listing& listing, const std::vector<int64_t>& read) {
  std::vector<bool> listed(listing.class_names.size()), has_image(listing.class_names.size());
  for (const ListedImage& image : listing.images) {
    if (image.label >= 0) listed[image.label] = true;
  }
  for (const int64_t i : read) {
    const int32_t label = listing.images[i].label;
    if (label >= 0) has_image[label] = true;
  }
  std::vector<std::string> names;
  std::vector<int32_t> number;
  for (size_t i = 0; i < listed.size(); ++i) {
    const bool kept = has_image[i] || !listed[i];
    number.push_back(kept ? static_cast<int32_t>(names.size()) : -1);
    if (kept) names.push_back(std::move(listing.class_names[i]));
  }
  listing.class_names = std::move(names);
  for (ListedImage& image : listing.images) {
    if (image.label >= 0) image.label = number[image.label];
  }
}

}  // namespace nolabel
