#include "nolabel/base/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// False when the one that held the lock removed the file after it was opened here.
bool is_at(int descriptor, const fs::path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

LockFile::LockFile(fs::path path) : path_(std::move(path)) {}

LockFile::LockFile(LockFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      error_(other.error_),
      held_(std::exchange(other.held_, false)) {}

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void LockFile::open() {
  constexpr int attempts = 10;  // the holder may remove the folder, too, before the file is made
  for (int attempt = 0; descriptor_ < 0 && attempt < attempts; ++attempt) {
    if (path_.has_parent_path()) make_directory(path_.parent_path());
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != ENOENT) break;
  }
  if (descriptor_ < 0) fail_system("cannot write {}: {}", path_.string(), system_reason(errno));
}

LockFile::State LockFile::lock() {
  constexpr int attempts = 100;  // more than holders can end between; some mounts never agree
  for (int attempt = 0; !held_; ++attempt) {
    if (attempt == attempts) {
      error_ = ESTALE;
      return State::unknown;
    }
    if (descriptor_ < 0) open();
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      error_ = errno;
      return error_ == EWOULDBLOCK ? State::taken : State::unknown;
    }
    held_ = is_at(descriptor_, path_);
    if (!held_) ::close(std::exchange(descriptor_, -1));
  }
  return State::held;
}

}  // namespace nolabel
