#include "nolabel/fetch/unpack.h"

#include <gmock/gmock.h>

#include "nolabel/fetch/test_archive.h"
#include "nolabel/fetch/test_directory.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Unpack : public DirectoryTest {
 protected:
  // The error for the archive; nothing of the archive may be left.
  std::string complaint(Fault fault) const {
    try {
      unpack(archive, folder, observer);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      int files = 0;
      for (const auto& entry : fs::recursive_directory_iterator(root)) {
        EXPECT_EQ(entry.path(), archive);
        ++files;
      }
      EXPECT_EQ(files, 1);
      return error.what();
    }
    return "";
  }
  std::string complaint(const std::vector<TestEntry>& entries) const {
    write_archive(archive, entries);
    return complaint(Fault::data);
  }
  const fs::path archive = root / "a.tar.gz", folder = root / "out";
};

TEST_F(Unpack, FilesAndFolders) {
  const std::string large(3'000'000, 'x');
  write_archive(archive, {{.name = "./data/", .type = AE_IFDIR},
                          {.name = "./data/large", .content = large},
                          {.name = "data/deep/er/small", .content = "s"},
                          {.name = "empty"}});
  write("out.part/left over", "");
  unpack(archive, folder, observer);
  EXPECT_EQ(read_file(folder / "data/large"), large);
  EXPECT_EQ(read_file(folder / "data/deep/er/small"), "s");
  EXPECT_EQ(read_file(folder / "empty"), "");
  EXPECT_FALSE(fs::exists(folder / "left over"));
  EXPECT_FALSE(fs::exists(root / "out.part"));
}

TEST_F(Unpack, NothingLeavesTheFolder) {
  const TestEntry good{.name = "good", .content = "g"};
  const std::string absolute = (root / "stolen").string();
  for (const std::string& name :
       {std::string("../stolen"), std::string("a/../../stolen"), std::string(".."), absolute}) {
    EXPECT_THAT(complaint({good, {.name = name, .content = "x"}}), HasSubstr("outside of itself"))
        << name;
  }
}

TEST_F(Unpack, LinksAndDevicesAreRefused) {
  for (const TestEntry& entry :
       {TestEntry{.name = "link", .link = ".."}, TestEntry{.name = "link", .link = "good"},
        TestEntry{.name = "link", .link = "../a.tar.gz", .hard = true},
        TestEntry{.name = "pipe", .type = AE_IFIFO}, TestEntry{.name = "dev", .type = AE_IFCHR}}) {
    EXPECT_THAT(complaint({{.name = "good"}, entry}), HasSubstr("files and folders only"));
  }
}

TEST_F(Unpack, ANameTwiceIsRefused) {
  EXPECT_THAT(complaint({{.name = "a", .content = "1"}, {.name = "./a", .content = "2"}}),
              HasSubstr("twice"));
}

TEST_F(Unpack, DamageAtAnyPlaceLeavesNothing) {
  std::string noise;
  for (uint32_t i = 0, x = 1; i < 20'000; ++i)
    noise += static_cast<char>((x = x * 69069 + 1) >> 24);
  write_archive(archive, {{.name = "a", .content = noise}, {.name = "b", .content = noise}});
  const std::string whole = read_file(archive);
  for (size_t length = 0; length < whole.size() - 1000; length += 997) {
    write("a.tar.gz", whole.substr(0, length));
    EXPECT_THAT(complaint(Fault::data), HasSubstr("a.tar.gz")) << length;
  }
}

TEST_F(Unpack, StopsOnRequest) {
  write_archive(archive, {{.name = "a", .content = "1"}});
  observer.cancel.request();
  complaint(Fault::stopped);
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace nolabel
