#include "nolabel/base/make_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds between_attempts(200);

// False when the one that held the lock removed the file after it was opened here.
bool is_at(int descriptor, const fs::path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

MakeLock::MakeLock(const fs::path& target) : path_(target) {
  path_ += ".lock";
}

MakeLock::MakeLock(MakeLock&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      held_(std::exchange(other.held_, false)) {}

MakeLock::~MakeLock() {
  if (held_) ::unlink(path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

MakeLock::State MakeLock::lock() {
  for (;;) {
    if (descriptor_ < 0) {
      descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
      if (descriptor_ < 0) fail_system("cannot write {}: {}", path_.string(), std::strerror(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      return errno == EWOULDBLOCK ? State::taken : State::unknown;
    }
    held_ = is_at(descriptor_, path_);
    if (held_) return State::held;
    ::close(std::exchange(descriptor_, -1));
  }
}

MakeLock MakeLock::wait(const fs::path& target, const std::function<void()>& waiting) {
  MakeLock lock(target);
  while (lock.lock() == State::taken) {
    waiting();
    std::this_thread::sleep_for(between_attempts);
  }
  return lock;
}

std::optional<MakeLock> MakeLock::attempt(const fs::path& target) {
  MakeLock lock(target);
  if (lock.lock() != State::held) return std::nullopt;
  return lock;
}

}  // namespace nolabel
