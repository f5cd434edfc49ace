// The data sets of the published configs by their names there (train_db_name): what is known of
// each, and where it lies on this machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// A file that its authors offer for download.
struct PublishedArchive {
  std::string url;
  std::string md5;  // 32 lower-case hexadecimal digits
  int64_t bytes = 0;
};

// How a data set lies in a folder.
struct PublishedLayout {
  std::string folder;              // that the archive makes; empty: none around the data
  std::vector<std::string> signs;  // any of these in it shows that it is there
};

struct PublishedData {
  std::string name;   // "cifar-10"
  std::string title;  // "CIFAR-10"
  int classes = 0;
  int image_size = 0;  // side of the views in the published configs, in pixels
  // Images as published; unlabeled ones stand beside the train images.
  int64_t train = 0, test = 0, unlabeled = 0;
  // What load_images() is told (LoadOptions).
  bool coarse = false;
  std::string subset = {};
  // The name itself, then others under which people keep it ("imagenet" for imagenet_50).
  std::vector<std::string> names;
  std::vector<PublishedLayout> layouts;          // the first is the archive's
  std::optional<PublishedArchive> archive = {};  // ImageNet has none: it asks for a registration

  // What a folder must hold, for messages: "cifar-10-batches-py", "ILSVRC2012_img_train".
  const std::string& sign() const {
    return layouts.front().folder.empty() ? layouts.front().signs.front() : layouts.front().folder;
  }
};

// cifar-10, cifar-20, stl-10, imagenet, imagenet_50, imagenet_100 and imagenet_200, in this order.
const std::vector<PublishedData>& published_data();

// Throws Error(Fault::usage) with the nearest name for an unknown one.
const PublishedData& published_data(std::string_view name);

// Where a user says that data lies.
struct DataPlaces {
  // `datasets:` of the env file: name to the folder that holds cifar-10-batches-py, stl10_binary,
  // ILSVRC2012_img_train …
  std::map<std::string, std::filesystem::path> datasets;
  std::filesystem::path root;  // --data-root or NOLABEL_DATA; empty: none
};

// The path to hand to load_images(). With an entry for the data set in `datasets` only its folder
// is looked into, else `root` and root/<name>: for the archive's folder, CIFAR's binary version
// too, and for its content. Throws Error(Fault::usage) that lists where was looked, and says
// where the data set can be had.
std::filesystem::path locate(const PublishedData& data, const DataPlaces& places);

// The same without an error: nothing when it is not there.
std::optional<std::filesystem::path> find_data(const PublishedData& data, const DataPlaces& places);

// The folder to download into: the entry in `datasets`, else `root`. Throws Error(Fault::usage)
// when neither is given.
std::filesystem::path download_folder(const PublishedData& data, const DataPlaces& places);

}  // namespace nolabel
