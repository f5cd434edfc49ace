#include "nolabel/pipeline/sorted_folder.h"

#include <map>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/pipeline/sorted_entries.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// A link or copy that is to be there, and of which image.
struct Wanted {
  fs::path place;  // relative to the folder
  SortedEntry entry;
  fs::path file;  // absolute
  const SortedImage* image;
};

// The path with its folders' links followed, but not that of the file itself.
fs::path with_real_folder(const fs::path& file) {
  return fs::weakly_canonical(fs::absolute(file).parent_path()) / file.filename();
}

bool is_empty_folder(const fs::path& directory) {
  std::error_code none;  // one that cannot be read is not empty
  return fs::is_empty(directory, none) && !none;
}

fs::path folder_of(const Prediction& prediction, int cluster) {
  if (prediction.identities.empty()) return std::to_string(cluster);
  return cluster_folder(prediction.identities.at(cluster), prediction.identities);
}

class Sorter {
 public:
  Sorter(fs::path directory, SortedAs as, std::string option, const Observer& observer)
      : directory_(std::move(directory)), as_(as), option_(std::move(option)), observer_(observer) {
    make_directory(directory_);
    mark_own_folder(directory_, OwnFolder::sorted);
    directory_ = fs::canonical(directory_);
    before_ = read_sorted_entries(directory_);
  }

  SortedCounts run(const std::vector<SortedImage>& images) {
    require_other_images(images);
    find_changed();
    for (const SortedImage& image : images) plan(image);
    remove_unwanted();
    // Before anything is made: what an interruption leaves is in the list.
    SortedEntries listed;
    for (const auto& [place, wanted] : wanted_) listed[place] = wanted.entry;
    write_sorted_entries(directory_, listed);
    for (const auto& [place, wanted] : wanted_) make(wanted);
    std::error_code ignored;  // only an interrupted copy leaves one
    fs::remove(copying(), ignored);
    remove_empty_folders();
    return counts_;
  }

 private:
  // Sorting removes links and copies of the earlier sort: the images must not be those.
  void require_other_images(const std::vector<SortedImage>& images) const {
    for (const SortedImage& image : images) {
      if (image.file.empty()) continue;
      const fs::path place = with_real_folder(image.file).lexically_relative(directory_);
      if (before_.contains(place)) {
        fail_usage(
            "{} needs a folder that the images do not come from. {} is what an earlier sort put "
            "there: name the folder of the photos.",
            option_, (directory_ / place).string());
      }
    }
  }

  // What the user changed is no longer nolabel's: it stays, and its name is taken.
  void find_changed() {
    for (auto entry = before_.begin(); entry != before_.end();) {
      const fs::path place = directory_ / entry->first;
      std::error_code error;
      const bool there = fs::exists(fs::symlink_status(place, error));
      if (there && is_unchanged(place, entry->second)) {
        ++entry;
        continue;
      }
      if (there) {
        observer_.note(format("{} stays: it was changed after nolabel made it", place.string()));
        ++counts_.changed;
      }
      entry = before_.erase(entry);
    }
  }

  SortedEntry entry_of(const SortedImage& image, const fs::path& file) const {
    if (as_ == SortedAs::copies) {
      return {.copy = true, .content = image.content ? sha256(image.content()) : file_hash(file)};
    }
    NOLABEL_ASSERT(!image.content);
    if (as_ == SortedAs::absolute_links) return {.copy = false, .content = file.native()};
    const fs::path folder = directory_ / image.folder;
    return {.copy = false, .content = with_real_folder(file).lexically_relative(folder).native()};
  }

  // "3/cat.jpg", or "3/cat-2.jpg" when that is another image's or not nolabel's.
  void plan(const SortedImage& image) {
    observer_.stop_if_requested();
    const fs::path name = image.name;
    fs::path place = image.folder / name;
    int& number = last_number_.try_emplace(place, 1).first->second;
    while (!is_free(place)) {
      place = image.folder /
              format("{}-{}{}", name.stem().string(), ++number, name.extension().string());
    }
    const fs::path file = image.file.empty() ? fs::path() : fs::absolute(image.file);
    wanted_[place] = {
        .place = place, .entry = entry_of(image, file), .file = file, .image = &image};
  }

  bool is_free(const fs::path& place) const {
    if (wanted_.contains(place)) return false;
    if (before_.contains(place)) return true;
    std::error_code error;
    return !fs::exists(fs::symlink_status(directory_ / place, error));
  }

  void remove_unwanted() {
    for (const auto& [place, entry] : before_) {
      const auto found = wanted_.find(place);
      if (found != wanted_.end() && found->second.entry == entry) continue;
      std::error_code error;
      fs::remove(directory_ / place, error);
      if (error)
        fail_system("cannot remove {}: {}", (directory_ / place).string(), error.message());
      if (found == wanted_.end()) ++counts_.removed;
    }
  }

  void make(const Wanted& wanted) {
    observer_.stop_if_requested();
    const auto found = before_.find(wanted.place);
    if (found != before_.end() && found->second == wanted.entry) {
      ++counts_.same;
      return;
    }
    const fs::path place = directory_ / wanted.place;
    make_directory(place.parent_path());
    std::error_code error;
    if (wanted.entry.copy) {
      copy(wanted, place, error);
    } else {
      fs::create_symlink(wanted.entry.content, place, error);
    }
    if (error) fail_system("cannot write {}: {}", place.string(), error.message());
    ++counts_.added;
  }

  fs::path copying() const { return directory_ / ".nolabel-copying"; }

  // Whole or not at all, and never over a file: a file system that tells no small letters from
  // large ones has one name for two images.
  void copy(const Wanted& wanted, const fs::path& place, std::error_code& error) const {
    if (fs::exists(fs::symlink_status(place, error))) {
      error = std::make_error_code(std::errc::file_exists);
      return;
    }
    error.clear();
    if (wanted.image->content) {
      write_file(copying(), wanted.image->content());
    } else {
      fs::copy_file(wanted.file, copying(), fs::copy_options::overwrite_existing, error);
    }
    if (!error) fs::rename(copying(), place, error);
  }

  void remove_empty_folders() const {
    for (const auto& [place, entry] : before_) {
      for (fs::path folder = place.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        std::error_code ignored;  // a folder that is not empty stays
        if (fs::is_empty(directory_ / folder, ignored)) fs::remove(directory_ / folder, ignored);
      }
    }
  }

  fs::path directory_;
  const SortedAs as_;
  const std::string option_;
  const Observer& observer_;
  SortedEntries before_;  // of the earlier sort, as it left them
  std::map<fs::path, Wanted> wanted_;
  std::map<fs::path, int> last_number_;  // of images with this place: thousands may have one name
  SortedCounts counts_;
};

}  // namespace

void check_sorted_folder(const fs::path& directory, const std::string& option) {
  std::error_code none;  // what cannot be looked at fails when it is written to
  if (!fs::exists(directory, none) || own_folder(directory) == OwnFolder::sorted) return;
  if (fs::is_directory(directory, none) && is_empty_folder(directory)) return;
  if (!read_sorted_entries(directory).empty()) return;  // of a version without a mark
  fail_usage(
      "{} must be a new or empty folder, or one that nolabel made for sorted images. {} holds "
      "other "
      "files.",
      option, directory.string());
}

SortedCounts sort_images(const fs::path& directory, const std::vector<SortedImage>& images,
                         SortedAs as, const std::string& option, const Observer& observer) {
  return Sorter(directory, as, option, observer).run(images);
}

SortedCounts sort_into(const fs::path& directory, const Prediction& prediction, SortedAs as,
                       const Observer& observer) {
  if (prediction.files.empty()) {
    fail_usage("--sort-into needs images that are files of their own. {}.",
               prediction.no_file.empty() ? "These are not" : prediction.no_file + " is no file");
  }
  std::vector<SortedImage> images;
  for (size_t i = 0; i < prediction.files.size(); ++i) {
    images.push_back({.file = prediction.files[i],
                      .folder = folder_of(prediction, prediction.assignments[i].cluster),
                      .name = prediction.files[i].filename().string()});
  }
  return sort_images(directory, images, as, "--sort-into", observer);
}

}  // namespace nolabel
