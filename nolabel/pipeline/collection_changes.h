// How the images of a run differ from those that it was about before, by place and content.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/data/duplicates.h"
#include "nolabel/run/image_list.h"

namespace nolabel {

enum class ImageChange {
  none,     // the same content in the same place
  fresh,    // neither this place nor this content was there
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
  std::vector<std::string> was;      // [N] of a moved image the name that it had; else empty
  std::vector<std::string> gone;     // names of images that are there no more

  int64_t count(ImageChange change) const;
  // Whether image i was part of the run before, wherever it was.
  bool is_known(int64_t i) const;
};

// Equal contents are matched place by place first; of several copies that are elsewhere now, each
// is the move of one that is gone.
CollectionChanges collection_changes(const PlacedImages& was, const PlacedImages& is);

// Where the names of images from these sources are seen from: their common folder.
std::filesystem::path common_root(const std::vector<std::filesystem::path>& sources);

// `sources` and `added`, each once: what lies in another of them is left out. Absolute paths.
std::vector<std::filesystem::path> joined_sources(const std::vector<std::filesystem::path>& sources,
                                                  const std::vector<std::filesystem::path>& added);

}  // namespace nolabel
