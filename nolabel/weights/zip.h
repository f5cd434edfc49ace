// Zip archives as PyTorch writes them: entries are stored, not compressed. Private to model.
//
// The layout is the one of PKWARE's APPNOTE.TXT, sections 4.3 (records) and 4.5.3 (zip64).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/base/bytes.h"
#include "nolabel/base/file.h"

namespace nolabel {

inline constexpr uint16_t extra_64 = 1;  // the extra field of zip64 sizes and offsets

// Names and places of the entries; the bytes must outlive it. Every offset is checked.
class ZipReader {
 public:
  explicit ZipReader(Bytes archive);

  bool contains(const std::string& name) const { return entries_.contains(name); }
  // The entry's content, its checksum verified (0: its writer computed none).
  Bytes read(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  struct Entry {
    uint64_t header_offset, size;
    uint32_t checksum;
    uint16_t method;
  };
  void read_directory(uint64_t offset, uint64_t entries);

  Bytes archive_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// Sizes and offsets from `zip64_from` on, and numbers of entries from `entries_64_from` on, do not
// fit the old records and stand in zip64 ones. Tests choose less.
struct ZipLimits {
  uint64_t zip64_from = UINT32_MAX;
  uint64_t entries_64_from = UINT16_MAX;
};

// Writes entries one after another; content begins at multiples of 64 bytes, as PyTorch has it for
// memory-mapped loading. Nothing but the directory is kept in memory. Zip64 records are written
// only where a number needs one, so that a file below 4 GiB is one that every reader knows.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file, const ZipLimits& limits = {})
      : file_(file), limits_(limits) {}

  void add(const std::string& name, std::string_view content);
  void finish();  // once, after the last entry

 private:
  AtomicFile& file_;
  const ZipLimits limits_;
  std::string directory_;
  uint64_t entries_ = 0;
};

// write_torch_file() of weights_file.h with other limits.
struct Value;
void write_torch_file(const std::filesystem::path& path, const Value& value,
                      const ZipLimits& limits);

}  // namespace nolabel
