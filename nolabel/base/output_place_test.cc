#include "nolabel/base/output_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class OutputPlaceTest : public testing::Test {
 protected:
  static std::optional<Fault> fault_of(const std::function<void()>& check) {
    try {
      check();
    } catch (const Error& error) {
      return error.fault();
    }
    return std::nullopt;
  }
  std::optional<Fault> file(const fs::path& path,
                            MissingFolders missing = MissingFolders::refused) const {
    return fault_of([&] { check_output(root.path() / path, missing); });
  }
  std::optional<Fault> folder(const fs::path& path) const {
    return fault_of([&] { check_output_folder(root.path() / path); });
  }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::recursive_directory_iterator(root.path()), {}));
  }

  TemporaryDirectory root;
};

TEST_F(OutputPlaceTest, AWritablePlaceIsLeftAsItWas) {
  write_file(root.path() / "old", "content");
  for (const char* name : {"new", "old"}) EXPECT_EQ(file(name), std::nullopt) << name;
  EXPECT_EQ(folder("."), std::nullopt);
  EXPECT_EQ(folder("a/b/c"), std::nullopt);
  EXPECT_EQ(file("a/b/c", MissingFolders::made), std::nullopt);
  EXPECT_EQ(read_file(root.path() / "old"), "content");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(OutputPlaceTest, AMissingFolderIsTheUsersMistake) {
  EXPECT_EQ(file("a/b"), Fault::usage);
  EXPECT_EQ(fault_of([] { check_output(""); }), Fault::usage);
  EXPECT_EQ(fault_of([] { check_output_folder(""); }), Fault::usage);
}

TEST_F(OutputPlaceTest, AFileIsNoFolderAndAFolderNoFile) {
  write_file(root.path() / "file", "");
  EXPECT_EQ(file("."), Fault::usage);
  EXPECT_EQ(file("file/below"), Fault::usage);
  EXPECT_EQ(file("file/below/it", MissingFolders::made), Fault::usage);
  EXPECT_EQ(folder("file"), Fault::usage);
  EXPECT_EQ(folder("file/below"), Fault::usage);
}

TEST_F(OutputPlaceTest, DevicesAndPipesAreNotOpened) {
  EXPECT_EQ(fault_of([] { check_output("/dev/null"); }), std::nullopt);
  // Opening a pipe that nobody reads would wait for ever.
  ASSERT_EQ(::mkfifo((root.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(file("pipe"), std::nullopt);
}

constexpr int not_possible = 77;

// The exit code of `body` in a process of its own, which may give up root's rights or mount.
int code_of_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

TEST_F(OutputPlaceTest, NoPermissionIsTheSystemsFault) {
  fs::permissions(root.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                   fs::perms::others_read | fs::perms::others_exec);
  const int code = code_of_child([&] {
    constexpr uid_t ordinary_user = 65534;
    if (::geteuid() == 0 && ::setuid(ordinary_user) != 0) return not_possible;
    const bool refused = file("new") == Fault::system && folder("new") == Fault::system &&
                         file("a/b", MissingFolders::made) == Fault::system;
    return refused ? 0 : 1;
  });
  fs::permissions(root.path(), fs::perms::owner_all);
  EXPECT_EQ(code, 0);
}

// On file systems of its own: a read-only one, and one of a single page that a file fills.
TEST_F(OutputPlaceTest, AFullDiskAndAReadOnlyOneAreTheSystemsFault) {
  const int code = code_of_child([&] {
    const bool own = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    const char* const place = root.path().c_str();
    if (!own || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", place, "tmpfs", 0, "size=4k") != 0) {
      return not_possible;
    }
    write_file(root.path() / "all", std::string(4096, 'x'));
    if (file("new") != Fault::system || folder("new") != Fault::system) return 1;
    fs::remove(root.path() / "all");
    if (file("new") != std::nullopt) return 2;
    if (::mount("none", place, nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) return not_possible;
    return file("new") == Fault::system && folder("new") == Fault::system ? 0 : 3;
  });
  if (code == not_possible) GTEST_SKIP() << "this process may not mount a file system";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace nolabel
