// Folders of pictures. The first level is the class when every picture lies in one; a folder above
// all classes is none. With sub-folders for training and test images it is the level below them.
#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/data/folder_labels.h"
#include "nolabel/data/folder_split.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/other_files.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/system_files.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

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
  OtherFiles others;
  std::vector<std::string> own_folders;  // names of those that nolabel wrote, not entered

  // For a folder in which no file has a picture's extension.
  void take_pictures_by_content() {
    for (const fs::path& file : others.pictures()) add(file);
  }

 private:
  void enter(const fs::path& folder) {
    count_.add(0);
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 &&
        !visited_.emplace(status.st_dev, status.st_ino).second) {
      return;
    }
    if (folder != root_ && is_own_folder(folder)) {
      own_folders.push_back(name_of(folder));
      return;
    }
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
      if (!is_system_name(i->path().filename().string())) entries.push_back(*i);
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
    if (entry.is_other(error)) return;
    if (has_image_extension(entry.path())) {
      add(entry.path());
    } else {
      others.add(entry.path());
    }
  }

  void add(const fs::path& file) {
    ListedImage image;
    image.name = name_of(file);
    image.file = file.string();
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

bool lies_in(const std::string& name, const std::string& folder) {
  return name.starts_with(folder) && (name.size() == folder.size() || name[folder.size()] == '/');
}

// Keeps what lies in one of `folders`. After labelling, so that both splits number their classes
// alike.
void keep_folders(Listing& listing, const std::vector<std::string>& folders) {
  const auto outside = [&](const auto& item) {
    return std::none_of(folders.begin(), folders.end(),
                        [&](const std::string& folder) { return lies_in(item.name, folder); });
  };
  std::erase_if(listing.images, outside);
  std::erase_if(listing.skipped, outside);
}

void tell_what_is_left_out(Listing& listing, const Scan& scan, bool by_content) {
  const std::string folder = listing.root.filename().string();
  if (!scan.own_folders.empty()) {
    const size_t count = scan.own_folders.size();
    listing.notes.push_back(
        format("{}: nolabel leaves out {} that it wrote itself ({}{})", folder,
               count == 1 ? "a folder" : format("{} folders", count),
               *std::min_element(scan.own_folders.begin(), scan.own_folders.end()),
               count == 1 ? "" : " …"));
  }
  if (const std::string text = scan.others.left_out(); !text.empty()) {
    listing.notes.push_back(folder + ": " + text);
  }
  const std::vector<fs::path>& pictures = scan.others.pictures();
  if (pictures.empty()) return;
  const fs::path& first = *std::min_element(pictures.begin(), pictures.end());
  const std::string such = first.lexically_relative(listing.root).generic_string();
  if (by_content) {
    listing.notes.push_back(
        format("{}: no file has a picture's extension; {} are pictures by their content (such as "
               "{})",
               folder, pictures.size(), such));
  } else {
    listing.warnings.push_back(
        format("{}: nolabel leaves out {} files that are pictures by their content but have no "
               "picture's extension (such as {}). Rename them to .jpg, .png … to use them",
               folder, pictures.size(), such));
  }
}

}  // namespace

bool is_folder(const fs::path& path) {
  return fs::is_directory(path);
}

bool folder_has_split(const fs::path& path) {
  return find_split(path).has_value();
}

std::vector<std::string> folders_beside_split(const fs::path& path) {
  if (!fs::is_directory(path)) return {};
  const std::optional<FolderSplit> split = find_split(path);
  return split ? split->beside : std::vector<std::string>();
}

Listing list_folder(const fs::path& path, const LoadOptions& options, FileCount& count) {
  const std::optional<FolderSplit> split = find_split(path);
  if (!split) require_no_split(path, options);
  Scan scan(path, count);
  const bool by_content = scan.images.empty();
  if (by_content) scan.take_pictures_by_content();
  std::sort(scan.images.begin(), scan.images.end(),
            [](const ListedImage& a, const ListedImage& b) { return a.name < b.name; });
  Listing listing;
  listing.root = path;
  listing.images = std::move(scan.images);
  listing.skipped = std::move(scan.skipped);
  if (split) {
    std::erase_if(listing.images, [&](const ListedImage& image) {
      return !lies_in(image.name, split->train_folder()) &&
             !lies_in(image.name, split->test_folder());
    });
  }
  label_by_folders(listing, split, options.labels);
  tell_what_is_left_out(listing, scan, by_content);
  if (options.split != Split::all) {
    keep_folders(listing,
                 {options.split == Split::train ? split->train_folder() : split->test_folder()});
  }
  return listing;
}

bool is_picture(const fs::path& path) {
  return has_image_extension(path) || is_picture_by_content(path);
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
