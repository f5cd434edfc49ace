#include "nolabel/base/byte_source.h"

#include <cerrno>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace fs = std::filesystem;

FileSource::FileSource(const fs::path& path) : path_(path) {
  errno = 0;
  stream_.open(path, std::ios::binary);
  if (!stream_) fail_system("cannot read {}: {}", path.string(), system_reason(errno));
  std::error_code error;
  size_ = fs::file_size(path, error);
  if (error) fail_system("cannot read {}: {}", path.string(), error.message());
}

size_t FileSource::read(char* bytes, size_t count) {
  errno = 0;
  stream_.read(bytes, static_cast<std::streamsize>(count));
  if (stream_.bad()) fail_system("cannot read {}: {}", path_.string(), system_reason(errno));
  const auto received = static_cast<size_t>(stream_.gcount());
  position_ += received;
  if (position_ > size_) size_ = position_;  // the file grows while it is read
  return received;
}

void FileSource::rewind() {
  stream_.clear();
  stream_.seekg(0);
  position_ = 0;
}

}  // namespace nolabel
