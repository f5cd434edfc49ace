// Rows of numbers that long work makes one after another, kept on disk while the work goes on: a
// process that is stopped or killed leaves a file from which the next one continues.
//
// The file is a header (16 bytes of format, the width as 8 bytes, the key's SHA-256 as 32) and
// blocks: the number of rows as 8 bytes, the first 8 bytes of the SHA-256 of what follows, then
// the rows as little-endian float32. It is only appended to. The valid blocks at its beginning
// count; what follows them (a block that was not written to its end) is cut off. The file is not
// the result: the work writes that elsewhere, whole, and removes this file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

class RowFile {
 public:
  // `key` says what the rows are made from. Nothing is written before append(). One process at a
  // time may use a path.
  RowFile(std::filesystem::path path, std::string key);

  // The rows that are there, [n * width]. Empty when there is no file, or one with another key,
  // width or format, which append() then replaces. Throws Error(Fault::system) when the file cannot
  // be read.
  std::vector<float> read(int64_t width);
  // Adds rows [n, width] after those that read() returned and those appended since, and flushes
  // them to disk. Call read() first. Throws Error(Fault::system), and leaves the rows before them
  // valid, when the disk is full.
  void append(const float* rows, int64_t n, int64_t width);
  void remove() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::string header(int64_t width) const;

  std::filesystem::path path_;
  std::string key_;
  uint64_t valid_bytes_ = 0;  // 0: the file is to be begun
};

}  // namespace nolabel
