#include "nolabel/data/published.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/config/schema.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

PublishedData cifar10() {
  return {.name = "cifar-10",
          .title = "CIFAR-10",
          .classes = 10,
          .image_size = 32,
          .train = 50'000,
          .test = 10'000,
          .names = {"cifar-10"},
          .layouts = {{"cifar-10-batches-py", {"data_batch_1", "test_batch"}},
                      {"cifar-10-batches-bin", {"data_batch_1.bin", "test_batch.bin"}}},
          .archive = {{.url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                       .md5 = "c58f30108f718f92721af3b95e74349a",
                       .bytes = 170'498'071}}};
}

PublishedData cifar20() {
  return {
      .name = "cifar-20",
      .title = "CIFAR100-20",
      .classes = 20,
      .image_size = 32,
      .train = 50'000,
      .test = 10'000,
      .coarse = true,
      .names = {"cifar-20", "cifar-100"},
      .layouts = {{"cifar-100-python", {"meta"}}, {"cifar-100-binary", {"fine_label_names.txt"}}},
      .archive = {{.url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                   .md5 = "eb9058c3a382ffc7106e4002c42a8d85",
                   .bytes = 169'001'437}}};
}

PublishedData stl10() {
  return {.name = "stl-10",
          .title = "STL-10",
          .classes = 10,
          .image_size = 96,
          .train = 5'000,
          .test = 8'000,
          .unlabeled = 100'000,
          .names = {"stl-10"},
          .layouts = {{"stl10_binary", {"train_X.bin", "test_X.bin"}}},
          .archive = {{.url = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
                       .md5 = "91f7769df0f17e558f3565bffb0c7dfb",
                       .bytes = 2'640'397'119}}};
}

// `classes` 1000 is all of it; the smaller ones are the published subsets.
PublishedData imagenet(int classes, int64_t train, int64_t test) {
  const bool whole = classes == 1000;
  const std::string name = whole ? "imagenet" : format("imagenet_{}", classes);
  return {
      .name = name,
      .title = whole ? "ImageNet" : format("ImageNet-{}", classes),
      .classes = classes,
      .image_size = 224,
      .train = train,
      .test = test,
      .subset = whole ? "" : name,
      .names = whole ? std::vector<std::string>{name} : std::vector<std::string>{name, "imagenet"},
      .layouts = {{"", {"ILSVRC2012_img_train", "ILSVRC2012_img_val"}}}};
}

// The folder of the data when it lies in `place`, under its folder's name or without; `signs` are
// then its own, or `place` is itself one of them.
std::optional<fs::path> find_in(const fs::path& place, const PublishedData& data) {
  std::error_code error;
  const auto holds = [&](const fs::path& folder, const PublishedLayout& layout) {
    return std::any_of(layout.signs.begin(), layout.signs.end(),
                       [&](const std::string& sign) { return fs::exists(folder / sign, error); });
  };
  for (const PublishedLayout& layout : data.layouts) {
    if (!layout.folder.empty() && holds(place / layout.folder, layout)) {
      return place / layout.folder;
    }
  }
  const fs::path full = fs::absolute(place).lexically_normal();
  const fs::path folder = full.has_filename() ? full : full.parent_path();
  for (const PublishedLayout& layout : data.layouts) {
    if (holds(place, layout)) return place;
    const bool is_sign = std::count(layout.signs.begin(), layout.signs.end(), folder.filename());
    if (is_sign && fs::is_directory(folder, error)) return folder.parent_path();
  }
  return std::nullopt;
}

// The entry of `datasets` for it.
const fs::path* entry(const PublishedData& data, const DataPlaces& places) {
  for (const std::string& name : data.names) {
    const auto found = places.datasets.find(name);
    if (found != places.datasets.end()) return &found->second;
  }
  return nullptr;
}

// Where to look, in order.
std::vector<fs::path> candidates(const PublishedData& data, const DataPlaces& places) {
  if (const fs::path* folder = entry(data, places)) return {*folder};
  if (places.root.empty()) return {};
  std::vector<fs::path> folders{places.root};
  for (const std::string& name : data.names) folders.push_back(places.root / name);
  return folders;
}

[[noreturn]] void fail_without_place(const PublishedData& data) {
  fail_usage(
      "{} must be named under datasets: in the env file, or lie below --data-root (or "
      "NOLABEL_DATA). Neither is given.",
      data.name);
}

}  // namespace

const std::vector<PublishedData>& published_data() {
  // Sizes of ImageNet's subsets: Van Gansbeke et al. 2020, table 1.
  static const std::vector<PublishedData> all{
      cifar10(),
      cifar20(),
      stl10(),
      imagenet(1000, 1'281'167, 50'000),
      imagenet(50, 64'274, 2'500),
      imagenet(100, 128'545, 5'000),
      imagenet(200, 256'558, 10'000),
  };
  return all;
}

const PublishedData& published_data(std::string_view name) {
  std::vector<std::string> names;
  for (const PublishedData& data : published_data()) {
    if (data.name == name) return data;
    names.push_back(data.name);
  }
  const std::optional<std::string> nearest = nearest_name(name, names);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  fail_usage("the data set must be one of {}. Received {}{}", all, name,
             nearest ? ". Did you mean " + *nearest + "?" : std::string("."));
}

std::optional<fs::path> find_data(const PublishedData& data, const DataPlaces& places) {
  for (const fs::path& place : candidates(data, places)) {
    if (const auto found = find_in(place, data)) return found;
  }
  return std::nullopt;
}

fs::path locate(const PublishedData& data, const DataPlaces& places) {
  if (const auto found = find_data(data, places)) return *found;
  const std::vector<fs::path> looked = candidates(data, places);
  if (looked.empty()) fail_without_place(data);
  std::string list;
  for (const fs::path& place : looked) list += (list.empty() ? "" : ", ") + place.string();
  const std::string remedy = data.archive
                                 ? format("Its archive is {} ({:.1f} GB).", data.archive->url,
                                          static_cast<double>(data.archive->bytes) / 1e9)
                                 : std::string("It has to be obtained from image-net.org.");
  fail_usage("{} must lie in a folder that holds {}. Looked in {}. {}", data.title, data.sign(),
             list, remedy);
}

fs::path download_folder(const PublishedData& data, const DataPlaces& places) {
  if (const fs::path* folder = entry(data, places)) return *folder;
  if (places.root.empty()) fail_without_place(data);
  return places.root;
}

}  // namespace nolabel
