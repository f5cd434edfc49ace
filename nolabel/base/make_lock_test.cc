#include "nolabel/base/make_lock.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/test_flock.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class MakeLockTest : public testing::Test {
 protected:
  void TearDown() override { before_flock = nullptr; }

  const TemporaryDirectory folder;
  const fs::path target = folder.path() / "target", file = folder.path() / "target.lock";
};

TEST_F(MakeLockTest, OneHoldsItAndItsFileGoesWithIt) {
  {
    const auto lock = MakeLock::attempt(target);
    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->held());
    EXPECT_TRUE(fs::exists(file));
    EXPECT_FALSE(MakeLock::attempt(target));
    EXPECT_TRUE(fs::exists(file));  // not removed by who did not get it
    EXPECT_TRUE(MakeLock::attempt(folder.path() / "another"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_TRUE(MakeLock::attempt(target));
}

// The one that waits has opened the first one's file, which is gone when it gets the lock on it.
TEST_F(MakeLockTest, ALockOnARemovedFileIsNone) {
  std::optional<MakeLock> first = MakeLock::attempt(target), second;
  int waited = 0;
  const MakeLock third = MakeLock::wait(target, [&] {
    if (++waited == 1) {
      first.reset();
      second.emplace(*MakeLock::attempt(target));
    } else {
      second.reset();
    }
  });
  EXPECT_EQ(waited, 2);
  EXPECT_TRUE(third.held());
  EXPECT_FALSE(MakeLock::attempt(target));
}

TEST_F(MakeLockTest, WaitingEndsWithAnErrorOfTheCaller) {
  const auto held = MakeLock::attempt(target);
  EXPECT_THROW(MakeLock::wait(target, [] { fail_usage("enough"); }), Error);
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(MakeLockTest, WithoutLocksNobodyWaitsAndNobodyHoldsOne) {
  before_flock = [] { return ENOLCK; };
  const MakeLock lock = MakeLock::wait(target, [] { FAIL() << "waits"; });
  EXPECT_FALSE(lock.held());
  EXPECT_FALSE(MakeLock::attempt(target));
}

// As a run directory that got nothing is removed: with the lock's file and the folder.
TEST_F(MakeLockTest, OfADirectoryThatIsRemovedMeanwhileIsTakenAnew) {
  const fs::path directory = folder.path() / "run";
  bool removed = false;
  before_flock = [&] {
    if (!removed) fs::remove_all(directory);
    removed = true;
    return 0;
  };
  const DirectoryLock lock(directory);
  EXPECT_TRUE(removed);
  EXPECT_THROW(DirectoryLock second(directory), Error);
}

}  // namespace
}  // namespace nolabel
