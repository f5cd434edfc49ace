// How the images of a run differ from those that it was about before, by place and content.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nolabel/data/duplicates.h"
#include "nolabel/run/image_list.h"

namespace nolabel {

enum class ImageChange {
  none,     // the same content in the same place
  fresh,    // there was nothing in this place; a copy of what is still there is fresh, too
  moved,    // the content was in another place, where it is no more
  changed,  // the place was there with another content
};
const char* change_name(ImageChange change);  // "", "new", "moved", "changed"

// A run's images and the folder that their names are seen from; empty: they are no files.
struct PlacedImages {
  ImageList list;
  std::filesystem::path root;
};

struct CollectionChanges {
  std::vector<ImageChange> changes;  // [N] of each image that is there now
  // Names are seen from the present root; of places outside of it they are whole paths.
  std::vector<std::string> was;   // [N] of a moved image the name that it had; else empty
  std::vector<std::string> gone;  // of images that are there no more

  int64_t count(ImageChange change) const;
  // Whether image i was part of the run before, wherever it was.
  bool is_known(int64_t i) const;
};

// Equal contents are matched place by place first; of several copies that are elsewhere now, each
// is the move of one that is gone.
CollectionChanges collection_changes(const PlacedImages& was, const PlacedImages& is);

// The same images by their places, which need no root.
ImageList absolute_places(const PlacedImages& images);

// `sources`, and of `added` those that are not among them, as absolute paths. A folder within one
// of the sources is left out where `holds_all` says that everything below that source belongs to
// it.
std::vector<std::filesystem::path> joined_sources(
    const std::vector<std::filesystem::path>& sources,
    const std::vector<std::filesystem::path>& added,
    const std::function<bool(const std::filesystem::path&)>& holds_all);

// Whether any of these images lies in `source`, a folder, or is that file. Images that are no files
// lie nowhere.
bool any_lies_in(const PlacedImages& images, const std::filesystem::path& source);

}  // namespace nolabel
