#include "nolabel/run/run_directory.h"

#include "nolabel/data/own_folder.h"
#include "nolabel/data/pack_cache.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr const char* image_list_name = "images.csv";

// The outermost folder on the way to `path` that does not exist; empty when all do.
fs::path first_missing(const fs::path& path) {
  fs::path missing;
  std::error_code error;  // a folder that cannot be looked at was not made here
  for (fs::path folder = fs::absolute(path).lexically_normal();
       fs::status(folder, error).type() == fs::file_type::not_found;
       folder = folder.parent_path()) {
    missing = folder;
  }
  return missing;
}

}  // namespace

RunDirectory::RemoveUnused::RemoveUnused(fs::path made, fs::path first)
    : path(fs::absolute(made).lexically_normal()), first_made(std::move(first)) {}

RunDirectory::RemoveUnused::~RemoveUnused() {
  std::error_code error;  // what cannot be looked at or removed stays
  if (first_made.empty()) return;
  const fs::path lock = path / ".lock", mark = path / own_folder_mark;
  // Not a range-for, which throws: that would end the program here.
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path() != lock && entry->path() != mark) return;
  }
  if (error) return;
  fs::remove(lock, error);
  fs::remove(mark, error);
  for (fs::path folder = path; fs::remove(folder, error) && folder != first_made;) {
    folder = folder.parent_path();
  }
}

RunDirectory::RunDirectory(fs::path path)
    : path_(std::move(path)),
      first_made_(first_missing(path_)),
      lock_(path_),
      remove_unused_(path_, first_made_) {
  // A folder of the user's becomes a run directory only when something is saved in it: one that was
  // named by mistake may hold photos.
  if (!first_made_.empty()) mark_own_folder(path_, OwnFolder::run);
  // Elsewhere such files are somebody's own. Packs in a run may be those of other runs.
  if (own_folder(path_) == OwnFolder::run) remove_leftovers(path_, pack_extension);
  state_ = read_run_state(path_);
}

std::optional<ImageList> RunDirectory::images() const {
  return read_image_list(path_ / image_list_name);
}

std::string RunDirectory::take_images(ImageList list) {
  const std::optional<ImageList> before = images();
  images_ = std::move(list);
  return before ? image_list_change(*before, *images_) : "";
}

void RunDirectory::save() const {
  mark_own_folder(path_, OwnFolder::run);
  if (images_) write_image_list(path_ / image_list_name, *images_);
  write_run_state(path_, state_);
}

}  // namespace nolabel
