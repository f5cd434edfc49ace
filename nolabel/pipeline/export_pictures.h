// The pictures of a run as an export puts them into folders: which file, under which name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/edits/cluster_identity.h"
#include "nolabel/pipeline/run_pictures.h"
#include "nolabel/pipeline/sorted_folder.h"

namespace nolabel {

struct PictureRules {
  // Only what torchvision's ImageFolder reads, under names by which it knows a picture.
  bool for_torchvision = false;
  bool copies = false;
};

// Images that are left out, by the reason.
class LeftOutImages {
 public:
  void add(const std::string& path, const std::string& reason);
  int64_t count() const;
  // "3 images are left out because there is no such file (such as a.jpg)", one for each reason.
  std::vector<std::string> texts() const;

 private:
  struct Group {
    int64_t count = 0;
    std::string first;
  };
  std::map<std::string, Group> groups_;
};

// The picture of the image `path`, in no folder yet; what cannot be exported goes to `left_out`:
//   A file keeps its name. For torchvision a name of another kind gets the extension that its
//   content has ("a.jfif" becomes "a.jpg"), and GIF, HEIC and AVIF, which it does not take, are
//   copied as PNG and JPEG, but are left out as links.
//   A picture of CIFAR or STL-10 becomes a PNG.
// Throws Error(Fault::usage) for such a picture without PictureRules::copies.
std::optional<SortedImage> exported_picture(const RunPictures& pictures, const std::string& path,
                                            const PictureRules& rules, LeftOutImages& left_out);

// The folder of each cluster by its id (cluster_folder()); no two are the same, in upper and lower
// case either, and none is `reserved`.
std::map<int, std::string> export_folders(const std::vector<ClusterIdentity>& clusters,
                                          const std::string& reserved);

}  // namespace nolabel
