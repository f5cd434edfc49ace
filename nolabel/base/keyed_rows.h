// Rows of numbers by key, in a file that several runs and processes fill and read: what was
// computed once is found again.
//
// The file is a header (16 bytes of format, the width as 8 bytes, the SHA-256 of what the rows are
// made with as 32) and blocks: the number of rows as 8 bytes, the first 8 bytes of the SHA-256 of
// what follows, then for each row its key (16 bytes) and little-endian float32. It is only appended
// to, under a lock. Reading stops at a block that is cut or damaged; the next append replaces that
// block and what follows it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nolabel {

class MappedFile;
class Sha256;

using RowKey = std::array<uint8_t, 16>;

// The first 16 bytes of the SHA-256 of `text`, or of what `hash` has seen.
RowKey row_key(std::string_view text);
RowKey row_key(Sha256& hash);

class KeyedRows {
 public:
  // `made_with` says what determines a row beside its key. A file that was made with something else
  // counts as empty, and the first append() replaces it. Throws Error(Fault::system) when the file
  // cannot be read. Nothing is written before append().
  KeyedRows(std::filesystem::path path, const std::string& made_with, int64_t width);
  ~KeyedRows();
  KeyedRows(const KeyedRows&) = delete;
  KeyedRows& operator=(const KeyedRows&) = delete;

  // [width], valid until the next append(); nullptr: the row is not there.
  const float* find(const RowKey& key) const;
  int64_t size() const { return static_cast<int64_t>(offsets_.size()); }

  // Adds rows [keys.size(), width] that are not there yet, and flushes them to disk. Other
  // processes may have added theirs meanwhile, which are found from now on, too. Throws
  // Error(Fault::system) when the disk is full; what was there stays valid.
  void append(std::span<const RowKey> keys, const float* rows);

  // The width of the rows in a file; nothing: it is no such file.
  static std::optional<int64_t> width_of(const std::filesystem::path& path);

 private:
  using FileIdentity = std::pair<uint64_t, uint64_t>;
  void read_further(const FileIdentity& identity);

  const std::filesystem::path path_;
  const int64_t width_;
  const std::string header_;
  std::unique_ptr<const MappedFile> file_;
  FileIdentity identity_{};
  uint64_t valid_bytes_ = 0;  // of the blocks that were read; 0: no header
  std::map<RowKey, uint64_t> offsets_;
};

}  // namespace nolabel
