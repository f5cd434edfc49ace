// Bytes that are read once, from first to last: of a file, or of a file inside an archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>

namespace nolabel {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `bytes` and returns how many were read: fewer than asked for only at the end.
  virtual size_t read(char* bytes, size_t count) = 0;
  // No more bytes than these can follow: a bound for what a header may announce.
  virtual uint64_t most_left() const = 0;
};

// A regular file. Throws Error(Fault::system) naming it when it cannot be read.
class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path);
  size_t read(char* bytes, size_t count) override;
  uint64_t most_left() const override { return size_ - position_; }
  void rewind();

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  uint64_t size_ = 0, position_ = 0;
};

}  // namespace nolabel
