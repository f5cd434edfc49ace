// For tests: another process that holds the lock of a folder until it is killed.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <tuple>

#include "nolabel/base/file.h"

namespace nolabel {

class LockHolder {
 public:
  // Returns when the process has the lock.
  explicit LockHolder(const std::filesystem::path& folder) {
    int told[2];
    EXPECT_EQ(::pipe(told), 0);
    process_ = ::fork();
    if (process_ == 0) {
      const DirectoryLock lock(folder);
      std::ignore = ::write(told[1], "!", 1);
      for (;;) ::pause();
    }
    char held;
    EXPECT_EQ(::read(told[0], &held, 1), 1);
    ::close(told[0]);
    ::close(told[1]);
  }
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;
  ~LockHolder() { kill(); }

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
};

}  // namespace nolabel
