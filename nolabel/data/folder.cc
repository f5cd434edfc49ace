// Folders of pictures. The first level is the class when every picture lies in one; with
// sub-folders `train` and `test` (or `val`) it is the level below them.
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/data/listing.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

bool is_hidden(const fs::path& name) {
  return name.native().starts_with('.');
}

// The pictures below a root, in any order. Folders reached by links come after all real ones and
// every folder is entered once, so a loop ends and a folder inside the tree keeps its own name.
class Scan {
 public:
  Scan(const fs::path& root, FileCount& count) : root_(root), count_(count) {
    pending_.push_back(root);
    while (!pending_.empty() || !linked_.empty()) {
      std::deque<fs::path>& queue = pending_.empty() ? linked_ : pending_;
      const fs::path folder = queue.front();
      queue.pop_front();
      enter(folder);
    }
  }

  std::vector<ListedImage> images;
  std::vector<SkippedImage> skipped;

 private:
  void enter(const fs::path& folder) {
    count_.add(0);
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 &&
        !visited_.emplace(status.st_dev, status.st_ino).second) {
      return;
    }
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
      if (!is_hidden(i->path().filename())) entries.push_back(*i);
    }
    if (error) {
      skipped.push_back({name_of(folder), format("cannot read the folder: {}", error.message())});
    }
    std::sort(entries.begin(), entries.end());  // of two links to one folder the first counts
    for (const fs::directory_entry& entry : entries) take(entry);
  }

  void take(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_directory(error)) {
      (entry.is_symlink(error) ? linked_ : pending_).push_back(entry.path());
      return;
    }
    // A link that leads nowhere is taken too: reading it fails, and the user is told. Pipes and
    // devices are not: reading one may never end.
    if (!entry.is_regular_file(error) && !entry.is_symlink(error)) return;
    if (entry.is_other(error) || !has_image_extension(entry.path())) return;
    ListedImage image;
    image.name = name_of(entry.path());
    image.file = entry.path().string();
    look_at_file(image);
    count_.add(1);
    images.push_back(std::move(image));
  }

  std::string name_of(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }

  fs::path root_;
  FileCount& count_;
  std::deque<fs::path> pending_, linked_;
  std::set<std::pair<dev_t, ino_t>> visited_;
};

// The sub-folder that holds the test images; empty when there is no train and test.
std::string test_folder(const fs::path& root) {
  if (!fs::is_directory(root / "train")) return {};
  for (const char* name : {"test", "val"}) {
    if (fs::is_directory(root / name)) return name;
  }
  return {};
}

// The path's part number `level`, or nothing when that is the file itself.
std::optional<std::string_view> folder_at(std::string_view name, int level) {
  for (; level > 0; --level) {
    const size_t slash = name.find('/');
    if (slash == name.npos) return std::nullopt;
    name.remove_prefix(slash + 1);
  }
  const size_t slash = name.find('/');
  if (slash == name.npos) return std::nullopt;
  return name.substr(0, slash);
}

void label_by_folder(Listing& listing, int level, LabelSource source) {
  std::set<std::string, std::less<>> classes;
  for (const ListedImage& image : listing.images) {
    const auto folder = folder_at(image.name, level);
    if (folder) {
      classes.emplace(*folder);
    } else if (source == LabelSource::folders) {
      fail_usage("with labels from folders every picture must lie in a class folder. Received {}.",
                 (listing.root / image.name).string());
    } else {
      return;
    }
  }
  listing.class_names.assign(classes.begin(), classes.end());
  for (ListedImage& image : listing.images) {
    const auto& names = listing.class_names;
    const auto found = std::lower_bound(names.begin(), names.end(), *folder_at(image.name, level));
    image.label = static_cast<int32_t>(found - names.begin());
  }
}

// Keeps `folder`/… only. After labelling, so that both splits number their classes alike.
void keep_folder(Listing& listing, const std::string& folder) {
  const auto outside = [&](const auto& item) { return folder_at(item.name, 0) != folder; };
  std::erase_if(listing.images, outside);
  std::erase_if(listing.skipped, outside);
}

}  // namespace

bool is_folder(const fs::path& path) {
  return fs::is_directory(path);
}

bool folder_has_split(const fs::path& path) {
  return !test_folder(path).empty();
}

std::vector<std::string> folders_beside_split(const fs::path& path) {
  std::vector<std::string> names;
  if (!fs::is_directory(path) || !folder_has_split(path)) return names;
  const std::string test = test_folder(path);
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.starts_with('.') || name == "train" || name == test) continue;
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Listing list_folder(const fs::path& path, const LoadOptions& options, FileCount& count) {
  const std::string test = test_folder(path);
  if (test.empty()) require_no_split(path, options);
  Scan scan(path, count);
  std::sort(scan.images.begin(), scan.images.end(),
            [](const ListedImage& a, const ListedImage& b) { return a.name < b.name; });
  Listing listing;
  listing.root = path;
  listing.images = std::move(scan.images);
  listing.skipped = std::move(scan.skipped);
  if (!test.empty()) {
    std::erase_if(listing.images, [&](const ListedImage& image) {
      const auto top = folder_at(image.name, 0);
      return top != "train" && top != test;
    });
  }
  if (options.labels != LabelSource::none) {
    label_by_folder(listing, test.empty() ? 0 : 1, options.labels);
  }
  if (options.split != Split::all) {
    keep_folder(listing, options.split == Split::train ? "train" : test);
  }
  return listing;
}

bool is_picture(const fs::path& path) {
  return has_image_extension(path);
}

Listing list_picture(const fs::path& path, const LoadOptions& options, FileCount& count) {
  require_no_split(path, options);
  Listing listing;
  listing.root = path.parent_path();
  ListedImage image;
  image.name = path.filename().string();
  image.file = path.string();
  look_at_file(image);
  count.add(1);
  listing.images.push_back(std::move(image));
  return listing;
}

}  // namespace nolabel
