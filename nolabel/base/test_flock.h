// Private to tests: lets them come between a file's opening and its locking, and stand in for a
// file system without locks. Replaces flock() of the program, so at most one file of it may include
// this.
#pragma once

#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace nolabel {

// Called before each lock; what it returns, unless 0, is the error that flock() ends with.
inline std::function<int()> before_flock;

}  // namespace nolabel

extern "C" int flock(int descriptor, int operation) noexcept {
  if (nolabel::before_flock) {
    errno = nolabel::before_flock();
    if (errno != 0) return -1;
  }
  return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}
