// Of several processes that want to make one file that all share (a cache), one makes it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "nolabel/base/lock_file.h"

namespace nolabel {

// Held while `target` is made: a lock on `target`.lock, which goes with it. On a file system
// without locks nobody waits. Move-only.
class MakeLock {
 public:
  // Waits while another process holds it; `waiting` is called every 0.2 s and may throw. Throws
  // Error(Fault::system) where no file can be made.
  static MakeLock wait(const std::filesystem::path& target, const std::function<void()>& waiting);
  // Nothing when another process holds it, or when that cannot be known.
  static std::optional<MakeLock> attempt(const std::filesystem::path& target);

  MakeLock(MakeLock&&) noexcept = default;
  MakeLock& operator=(MakeLock&&) = delete;
  ~MakeLock();

  // False on a file system without locks: another process may be at it, too.
  bool held() const { return file_.held(); }

 private:
  explicit MakeLock(const std::filesystem::path& target);

  LockFile file_;
};

}  // namespace nolabel
