// The list of what nolabel put into a folder of sorted images. Private to sorted_folder.cc.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace nolabel {

// A link or copy that nolabel made.
struct SortedEntry {
  bool copy = false;
  std::string content;  // of a link: where it points, as it is written; of a copy: SHA-256

  bool operator==(const SortedEntry&) const = default;
};

// By their paths relative to the folder, "3/cat.jpg".
using SortedEntries = std::map<std::filesystem::path, SortedEntry>;

// Whether `place` is as nolabel left it.
bool is_unchanged(const std::filesystem::path& place, const SortedEntry& entry);

// What `directory` lists; nothing where it has no list. Throws Error(Fault::data) when the list is
// damaged or of a later version.
SortedEntries read_sorted_entries(const std::filesystem::path& directory);
void write_sorted_entries(const std::filesystem::path& directory, const SortedEntries& entries);

}  // namespace nolabel
