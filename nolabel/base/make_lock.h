// Of several processes that want to make one file that all share (a cache), one makes it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

namespace nolabel {

// Held while `target` is made: flock on `target`.lock, which goes with the lock; the kernel
// releases it however the process ends. On a file system without locks nobody waits. Move-only.
class MakeLock {
 public:
  // Waits while another process holds it; `waiting` is called every 0.2 s and may throw. Throws
  // Error(Fault::system) where no file can be made.
  static MakeLock wait(const std::filesystem::path& target, const std::function<void()>& waiting);
  // Nothing when another process holds it, or when that cannot be known.
  static std::optional<MakeLock> attempt(const std::filesystem::path& target);

  MakeLock(MakeLock&& other) noexcept;
  MakeLock& operator=(MakeLock&&) = delete;
  ~MakeLock();

 private:
  enum class State { held, taken, unknown };
  explicit MakeLock(const std::filesystem::path& target);
  State lock();

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace nolabel
