#include "nolabel/base/keyed_rows.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char keyed_format[16] = "nolabel keyed 1";
constexpr size_t keyed_header_bytes = 16 + 8 + 32, keyed_block_bytes = 16, digest_bytes = 8;

std::string keyed_header(const std::string& made_with, int64_t width) {
  const auto columns = static_cast<uint64_t>(width);
  std::string header(keyed_format, sizeof keyed_format);
  header.append(reinterpret_cast<const char*>(&columns), sizeof columns);
  return header + raw_sha256(made_with);
}

// A file that is open and locked; other processes wait. The lock is of the file that has the path
// now: another process may have removed it, and made a new one, while this one waited.
class LockedFile {
 public:
  enum class For { reading, writing };
  LockedFile(const fs::path& path, For purpose) : path_(path) {
    for (;;) {
      const int flags = purpose == For::writing ? O_RDWR | O_CREAT : O_RDONLY;
      descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && errno == ENOENT && purpose == For::reading) return;
      if (descriptor_ < 0 ||
          ::flock(descriptor_, purpose == For::writing ? LOCK_EX : LOCK_SH) != 0) {
        fail();
      }
      struct stat named {};
      if (::fstat(descriptor_, &status_) == 0 && ::stat(path.c_str(), &named) == 0 &&
          named.st_dev == status_.st_dev && named.st_ino == status_.st_ino) {
        return;
      }
      ::close(descriptor_);
    }
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  ~LockedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool exists() const { return descriptor_ >= 0; }
  // The same for the same file only.
  std::pair<uint64_t, uint64_t> identity() const { return {status_.st_dev, status_.st_ino}; }

  // The file's first `valid` bytes, then `text`, on the disk; the first bytes alone, if that fails.
  void replace_rest(uint64_t valid, const std::string& text) const {
    if (::ftruncate(descriptor_, static_cast<off_t>(valid)) != 0) fail();
    for (size_t written = 0; written < text.size();) {
      const ssize_t count = ::pwrite(descriptor_, text.data() + written, text.size() - written,
                                     static_cast<off_t>(valid + written));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail_after_cutting(valid);
      written += static_cast<size_t>(count);
    }
    if (::fdatasync(descriptor_) != 0) fail_after_cutting(valid);
  }

 private:
  [[noreturn]] void fail() const {
    fail_system("cannot write {}: {}", path_.string(), std::strerror(errno));
  }
  [[noreturn]] void fail_after_cutting(uint64_t valid) const {
    const int reason = errno;
    if (::ftruncate(descriptor_, static_cast<off_t>(valid)) != 0) errno = reason;
    fail_system("cannot write {}: {}", path_.string(), std::strerror(reason));
  }

  const fs::path& path_;
  int descriptor_ = -1;
  struct stat status_ {};
};

}  // namespace

RowKey row_key(Sha256& hash) {
  RowKey key;
  const std::string digest = hash.raw();
  std::memcpy(key.data(), digest.data(), key.size());
  return key;
}

RowKey row_key(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return row_key(hash);
}

KeyedRows::KeyedRows(fs::path path, const std::string& made_with, int64_t width)
    : path_(std::move(path)), width_(width), header_(keyed_header(made_with, width)) {
  NOLABEL_ASSERT(width > 0);
  const LockedFile file(path_, LockedFile::For::reading);
  if (file.exists()) read_further(file.identity());
}

KeyedRows::~KeyedRows() = default;

// Blocks behind those that are known; the caller holds the file's lock.
void KeyedRows::read_further(const FileIdentity& identity) {
  if (identity != identity_) {
    identity_ = identity;
    valid_bytes_ = 0;
    offsets_.clear();
  }
  file_ = std::make_unique<const MappedFile>(path_);
  const std::string_view all(reinterpret_cast<const char*>(file_->bytes().data()),
                             file_->bytes().size());
  if (!all.starts_with(header_) || all.size() < valid_bytes_) {
    valid_bytes_ = 0;
    offsets_.clear();
    return;
  }
  if (valid_bytes_ == 0) valid_bytes_ = keyed_header_bytes;
  const uint64_t row_bytes = sizeof(RowKey) + static_cast<uint64_t>(width_) * sizeof(float);
  for (;;) {
    const std::string_view rest = all.substr(valid_bytes_);
    if (rest.size() < keyed_block_bytes) return;
    uint64_t rows = 0;
    std::memcpy(&rows, rest.data(), sizeof rows);
    if (rows == 0 || rows > (rest.size() - keyed_block_bytes) / row_bytes) return;
    const std::string_view content = rest.substr(keyed_block_bytes, rows * row_bytes);
    if (raw_sha256(content).substr(0, digest_bytes) != rest.substr(8, digest_bytes)) return;
    for (uint64_t row = 0; row < rows; ++row) {
      RowKey key;
      std::memcpy(key.data(), content.data() + row * row_bytes, key.size());
      offsets_[key] = valid_bytes_ + keyed_block_bytes + row * row_bytes + sizeof(RowKey);
    }
    valid_bytes_ += keyed_block_bytes + content.size();
    file_->passed(content.size());
  }
}

const float* KeyedRows::find(const RowKey& key) const {
  const auto found = offsets_.find(key);
  if (found == offsets_.end()) return nullptr;
  file_->passed(sizeof key + static_cast<uint64_t>(width_) * sizeof(float));
  // Blocks and rows are multiples of four bytes long.
  return reinterpret_cast<const float*>(file_->bytes().data() + found->second);
}

void KeyedRows::append(std::span<const RowKey> keys, const float* rows) {
  make_directory(path_.parent_path());
  const LockedFile file(path_, LockedFile::For::writing);
  read_further(file.identity());
  std::string content;
  uint64_t added = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (offsets_.contains(keys[i])) continue;  // another process was faster
    content.append(reinterpret_cast<const char*>(keys[i].data()), keys[i].size());
    content.append(reinterpret_cast<const char*>(rows + i * width_), width_ * sizeof(float));
    ++added;
  }
  if (added == 0) return;
  std::string block(reinterpret_cast<const char*>(&added), sizeof added);
  block += raw_sha256(content).substr(0, digest_bytes) + content;
  file.replace_rest(valid_bytes_, valid_bytes_ == 0 ? header_ + block : block);
  read_further(file.identity());
}

std::optional<int64_t> KeyedRows::width_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  char format[sizeof keyed_format];
  uint64_t width = 0;
  if (!file.read(format, sizeof format) || !std::equal(format, std::end(format), keyed_format) ||
      !file.read(reinterpret_cast<char*>(&width), sizeof width) || width == 0 || width > 1 << 30) {
    return std::nullopt;
  }
  return static_cast<int64_t>(width);
}

}  // namespace nolabel
