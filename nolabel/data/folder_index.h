// What many folders of pictures hold, listed in parallel and remembered: of 1.28 million files in
// 1000 folders only the folders are looked at the next time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/file_count.h"

namespace nolabel {

struct FolderFile {
  std::string name;
  uint64_t bytes;
  int64_t modified;  // nanoseconds
};

struct FolderContent {
  std::vector<FolderFile> files;  // the pictures in it, not below it, bytewise by name
  std::string failure;            // why it could not be listed; empty when it could
};

// The content of parent/name for each of `names`, on `threads` threads, counted. `index_file`
// remembers it from one call to the next (empty: nothing does) and is written anew when something
// changed and it can be. A folder whose time of change is the remembered one is not read: what is
// renamed, added or removed in it changes that time, while a file overwritten in place keeps its
// remembered size and time.
std::vector<FolderContent> list_folders(const std::filesystem::path& parent,
                                        const std::vector<std::string>& names,
                                        const std::filesystem::path& index_file, int threads,
                                        FileCount& found);

}  // namespace nolabel
