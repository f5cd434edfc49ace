// A file that one process has locked: what base/make_lock.h and DirectoryLock have in common.
#pragma once

#include <chrono>
#include <filesystem>

namespace nolabel {

// flock on `path`, which the kernel releases however the process ends. Who holds a lock may remove
// its file: the lock is held only when the locked file is the one at `path`. Move-only.
class LockFile {
 public:
  enum class State {
    held,
    taken,    // by another process
    unknown,  // the file system has no locks; error() says how it put that
  };
  explicit LockFile(std::filesystem::path path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();  // releases the lock; the file stays

  // For those who wait: the pause before lock() is called again.
  static constexpr std::chrono::milliseconds between_attempts{200};

  // Tries once, without waiting; makes the file and its folder. May be called again until held.
  // Throws Error(Fault::system) where no file can be made.
  State lock();

  const std::filesystem::path& path() const { return path_; }
  bool held() const { return held_; }
  int error() const { return error_; }
  int descriptor() const { return descriptor_; }

 private:
  void open();

  std::filesystem::path path_;
  int descriptor_ = -1, error_ = 0;
  bool held_ = false;
};

}  // namespace nolabel
