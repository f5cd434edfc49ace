#include "nolabel/base/make_lock.h"

#include <unistd.h>

#include <thread>

namespace nolabel {
namespace fs = std::filesystem;
namespace {

fs::path lock_of(fs::path target) {
  target += ".lock";
  return target;
}

}  // namespace

MakeLock::MakeLock(const fs::path& target) : file_(lock_of(target)) {}

MakeLock::~MakeLock() {
  if (held()) ::unlink(file_.path().c_str());
}

MakeLock MakeLock::wait(const fs::path& target, const std::function<void()>& waiting) {
  MakeLock lock(target);
  while (lock.file_.lock() == LockFile::State::taken) {
    waiting();
    std::this_thread::sleep_for(LockFile::between_attempts);
  }
  return lock;
}

std::optional<MakeLock> MakeLock::attempt(const fs::path& target) {
  MakeLock lock(target);
  if (lock.file_.lock() != LockFile::State::held) return std::nullopt;
  return lock;
}

}  // namespace nolabel
