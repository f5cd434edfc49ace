// Folders that nolabel itself writes: a run directory, and photos that were sorted into clusters.
// They may lie inside the photo folder, and what is in them is never taken for photos.
#pragma once

#include <filesystem>
#include <optional>

namespace nolabel {

// The name of that file.
inline constexpr const char* own_folder_mark = ".nolabel-folder";

enum class OwnFolder {
  run,     // a run directory
  sorted,  // where --sort-into put photos
};

// Leaves a small hidden file in `directory` (created if need be) that says what the folder is. Does
// nothing when the file is there already. Throws Error(Fault::system) when it cannot be written.
void mark_own_folder(const std::filesystem::path& directory, OwnFolder what);

// What `directory` is by that file. A run directory of an older version has none and is known by
// its run.json, or by the models and checkpoints of its stages, as the published program leaves
// them. Nothing for any other folder, and for one that cannot be read.
std::optional<OwnFolder> own_folder(const std::filesystem::path& directory);

// The same without saying what it is.
inline bool is_own_folder(const std::filesystem::path& directory) {
  return own_folder(directory).has_value();
}

// True when there is an own folder in `directory`, at any depth, and no file beside or above it:
// such a folder is no class either. Hidden files and those of the system (system_files.h) do not
// count.
bool holds_only_own_folders(const std::filesystem::path& directory);

}  // namespace nolabel
