#include "nolabel/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <regex>
#include <thread>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const char* action, const fs::path& path, int number) {
  fail_system("cannot {} {}: {}", action, path.string(), system_reason(number));
}

void write_all(int descriptor, const void* data, size_t bytes, const fs::path& path) {
  auto* position = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor, position, bytes);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail("write", path, errno);
    }
    position += written;
    bytes -= static_cast<size_t>(written);
  }
}

// Makes a rename durable. Some file systems refuse fsync on a directory: the rename is then as
// durable as they offer.
void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

// Of the process that holds it; empty when it has not written that yet.
std::string owner_of(const LockFile& lock) {
  char number[32];
  const ssize_t got = ::pread(lock.descriptor(), number, sizeof number, 0);
  return {number, static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

// In the name of a temporary file. A process number would not do: on a disk that containers or
// machines share, two processes may have the same.
uint64_t random_number() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// 0, or the number of the error. Some file systems and devices have nothing to flush.
int flushed(int descriptor) {
  return ::fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
}

}  // namespace

std::string system_reason(int number) {
  if (number == ENOSPC || number == EDQUOT) return "disk full";
  return std::strerror(number);
}

std::string read_file(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("open", path, errno);
  std::string content;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    content.reserve(static_cast<size_t>(status.st_size));
  }
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      ::close(descriptor);
      fail("read", path, number);
    }
    if (got == 0) break;
    content.append(buffer, static_cast<size_t>(got));
  }
  ::close(descriptor);
  return content;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), temporary_(path_) {
  struct stat status {};
  in_place_ =
      ::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  if (!in_place_) temporary_ += format(".{}.tmp", random_number());
  const int flags = in_place_ ? O_WRONLY : O_CREAT | O_EXCL | O_RDWR;
  descriptor_ = ::open(temporary_.c_str(), flags | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("write", path_, errno);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      in_place_(other.in_place_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!in_place_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, size_t bytes) {
  write_all(descriptor_, data, bytes, path_);
  bytes_ += bytes;
}

void AtomicFile::commit() {
  if (in_place_) {
    ::close(std::exchange(descriptor_, -1));
    return;
  }
  if (::fsync(descriptor_) != 0) fail("write", path_, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("write", path_, errno);
  ::close(std::exchange(descriptor_, -1));
  sync_directory(path_.parent_path());
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

void append_to_file(const fs::path& path, std::string_view text, Flush flush) {
  const int descriptor = ::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0) fail("write", path, errno);
  try {
    write_all(descriptor, text.data(), text.size(), path);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  const int failed = flush == Flush::now ? flushed(descriptor) : 0;
  ::close(descriptor);
  if (failed != 0) fail("write", path, failed);
}

void flush_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) fail("open", path, errno);
  const int failed = flushed(descriptor);
  ::close(descriptor);
  if (failed != 0) fail("write", path, failed);
}

MappedFile::MappedFile(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("open", path, errno);
  struct stat status {};
  ::fstat(descriptor, &status);
  size_ = static_cast<size_t>(status.st_size);
  if (size_ > 0) {
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED) {
      const int number = errno;
      ::close(descriptor);
      fail("map", path, number);
    }
    data_ = static_cast<const std::byte*>(address);
  }
  ::close(descriptor);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::passed(uint64_t bytes) const {
  uint64_t before = passed_;
  while (
      !passed_.compare_exchange_weak(before, before + bytes < most_passed ? before + bytes : 0)) {
  }
  // The mapping is shared and read-only, so that nothing is lost with its pages.
  if (before + bytes >= most_passed) {
    ::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
  }
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

DirectoryLock::DirectoryLock(const fs::path& directory, NotYetHeld) : file_(directory / ".lock") {
  make_directory(directory);
}

DirectoryLock::DirectoryLock(const fs::path& directory) : DirectoryLock(directory, NotYetHeld()) {
  if (try_to_hold()) return;
  const std::string owner = owner_of(file_);
  fail_usage("{} must not be in use by another process. Process {} is working there.",
             directory.string(), owner.empty() ? "of unknown number" : owner);
}

DirectoryLock DirectoryLock::wait(const fs::path& directory, const std::function<void()>& waiting) {
  DirectoryLock lock(directory, NotYetHeld());
  while (!lock.try_to_hold()) {
    waiting();
    std::this_thread::sleep_for(LockFile::between_attempts);
  }
  return lock;
}

bool DirectoryLock::try_to_hold() {
  const LockFile::State state = file_.lock();
  if (state == LockFile::State::unknown) fail("lock", file_.path(), file_.error());
  if (state == LockFile::State::taken) return false;
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(file_.descriptor(), 0) != 0) fail("write", file_.path(), errno);
  write_all(file_.descriptor(), process.data(), process.size(), file_.path());
  return true;
}

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  const fs::path place = fs::temp_directory_path(error);
  if (error) {
    fail_system("TMPDIR must name a folder for temporary files. It does not: {}", error.message());
  }
  std::string name = (place / "nolabel-").string() + std::string(6, 'X');
  if (!::mkdtemp(name.data())) fail("create", name, errno);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // what stays lies among temporary files
  fs::remove_all(path_, ignored);
}

void remove_leftovers(const fs::path& directory, std::string_view shared) {
  const std::regex temporary(R"((.+)\.[0-9]+\.tmp)");
  std::error_code error;  // a folder that cannot be listed or cleaned costs disk space, no result
  fs::recursive_directory_iterator entries(directory, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries.depth() > 0) entries.disable_recursion_pending();
    std::error_code ignored;
    const std::string name = entries->path().filename().string();
    std::smatch parts;
    if (!entries->is_regular_file(ignored) || !std::regex_match(name, parts, temporary)) continue;
    if (!parts.str(1).ends_with(shared)) fs::remove(entries->path(), ignored);
  }
}

uint64_t free_disk_bytes(const fs::path& path) {
  fs::path existing = fs::absolute(path);
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  std::error_code error;
  const fs::space_info space = fs::space(existing, error);
  if (error) fail("look at", existing, error.value());
  return space.available;
}

void make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("create directory", path, error.value());
}

}  // namespace nolabel
