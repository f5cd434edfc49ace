// Private to the tests of this folder: .tar.gz files with whatever entries.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {

struct TestEntry {
  std::string name;
  std::string content = {};
  std::string link = {};  // its target: then it is a link
  bool hard = false;      // a hard one
  unsigned type = AE_IFREG;
};

inline void write_archive(const std::filesystem::path& file,
                          const std::vector<TestEntry>& entries) {
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_pax_restricted(writer);
  NOLABEL_ASSERT(archive_write_open_filename(writer, file.c_str()) == ARCHIVE_OK);
  for (const TestEntry& one : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, one.name.c_str());
    archive_entry_set_filetype(entry, one.type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<int64_t>(one.content.size()));
    if (!one.link.empty() && one.hard) archive_entry_set_hardlink(entry, one.link.c_str());
    if (!one.link.empty() && !one.hard) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_set_symlink(entry, one.link.c_str());
    }
    NOLABEL_ASSERT(archive_write_header(writer, entry) == ARCHIVE_OK);
    archive_write_data(writer, one.content.data(), one.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
}

}  // namespace nolabel
