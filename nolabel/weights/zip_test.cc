// Zip64: the records that files beyond 4 GiB need, tried on small files by lower limits.
#include "nolabel/weights/zip.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "nolabel/base/error.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

std::string temporary_file(const std::string& name) {
  return format("{}nolabel_zip_{}_{}", testing::TempDir(), name, static_cast<int64_t>(getpid()));
}

// Of every record: sizes alone, offsets alone, numbers of entries alone, all, none.
const std::vector<std::pair<std::string, ZipLimits>> limits = {
    {"plain", {}},
    {"entries", {.zip64_from = UINT32_MAX, .entries_64_from = 2}},
    {"sizes", {.zip64_from = 300, .entries_64_from = UINT16_MAX}},
    {"everything", {.zip64_from = 0, .entries_64_from = 0}},
};

TEST(Zip64, ComesBack) {
  for (const auto& [name, limit] : limits) {
    const std::string path = temporary_file("back");
    AtomicFile file(path);
    ZipWriter writer(file, limit);
    writer.add("a/short", "x");
    writer.add("a/long", std::string(1000, 'y'));
    writer.add("a/empty", "");
    writer.finish();
    file.commit();
    const MappedFile mapped(path);
    const ZipReader reader(mapped.bytes());
    EXPECT_THAT(reader.names(), testing::ElementsAre("a/empty", "a/long", "a/short")) << name;
    EXPECT_EQ(as_text(reader.read("a/short")), "x") << name;
    EXPECT_EQ(as_text(reader.read("a/long")), std::string(1000, 'y')) << name;
    EXPECT_EQ(as_text(reader.read("a/empty")), "") << name;
    for (const char* entry : {"a/short", "a/long"}) {  // aligned for mapped loading
      EXPECT_EQ((reader.read(entry).data() - mapped.bytes().data()) % 64, 0) << name;
    }
    fs::remove(path);
  }
}

TEST(Zip64, SmallFilesHaveNoneOfItsRecords) {
  const std::string path = temporary_file("plain");
  write_torch_file(path, to_value({{"a", at::arange(6)}}));
  const std::string content = read_file(path);
  EXPECT_EQ(content.find("PK\6\6"), std::string::npos);
  EXPECT_EQ(content.find("PK\6\7"), std::string::npos);
  write_torch_file(path, to_value({{"a", at::arange(6)}}),
                   {.zip64_from = 10, .entries_64_from = 2});
  EXPECT_NE(read_file(path).find("PK\6\6"), std::string::npos);
  fs::remove(path);
}

// PyTorch (weights only, copied and mapped) and Python's zipfile read them.
TEST(Zip64, IsReadByPython) {
  const auto python = testing_peers::python();
  if (!python) GTEST_SKIP() << "without the peers' environment";
  std::string files;
  for (const auto& [name, limit] : limits) {
    const std::string path = temporary_file(name + ".pth");
    write_torch_file(path, to_value({{"a", at::arange(6)}, {"b", at::ones({200})}}), limit);
    files += format(" '{}'", path);
  }
  EXPECT_EQ(testing_peers::run(*python, "golden/weights.py", "verify_zip" + files), 0);
  for (const auto& [name, limit] : limits) fs::remove(temporary_file(name + ".pth"));
}

// A file of 5 GiB that takes no room: its tensor is a hole.
TEST(Zip64, AnEntryBeyondFourGigabytesIsFound) {
  const std::string path = temporary_file("sparse");
  const uint64_t size = uint64_t{5} << 30;
  std::string head, tail;
  const auto description = [&](std::string& bytes) {  // version … compressed size, size
    append_number<uint16_t>(bytes, 45);
    bytes.append(2 + 2 + 4, '\0');          // flags, stored, time and date
    append_number<uint32_t>(bytes, 0);      // no checksum
    append_number<uint64_t>(bytes, ~0ull);  // both sizes: in the extra field
    append_number<uint16_t>(bytes, 1);      // length of the name
    append_number<uint16_t>(bytes, 20);     // of the extra field
  };
  const auto extra = [&](std::string& bytes) {
    append_number<uint16_t>(bytes, 1);
    append_number<uint16_t>(bytes, 16);
    append_number<uint64_t>(bytes, size);
    append_number<uint64_t>(bytes, size);
  };
  head = "PK\3\4";
  description(head);
  head += "x";
  extra(head);
  const uint64_t directory = head.size() + size;
  tail = "PK\1\2";
  append_number<uint16_t>(tail, 45);
  description(tail);
  tail.append(10 + 4, '\0');  // comment, disk, attributes; the header's offset
  tail += "x";
  extra(tail);
  const uint64_t end = directory + tail.size();
  tail += "PK\6\6";
  append_number<uint64_t>(tail, 44);
  append_number<uint32_t>(tail, 45 << 16 | 45);
  tail.append(8, '\0');
  append_number<uint64_t>(tail, 1);
  append_number<uint64_t>(tail, 1);
  append_number<uint64_t>(tail, end - directory);
  append_number<uint64_t>(tail, directory);
  tail += "PK\6\7";
  tail.append(4, '\0');
  append_number<uint64_t>(tail, end);
  append_number<uint32_t>(tail, 1);
  tail += "PK\5\6";
  tail.append(4, '\0');
  append_number<uint32_t>(tail, 1 << 16 | 1);
  append_number<uint32_t>(tail, static_cast<uint32_t>(end - directory));
  append_number<uint32_t>(tail, UINT32_MAX);
  append_number<uint16_t>(tail, 0);
  {
    std::ofstream file(path, std::ios::binary);
    file << head;
    file.seekp(static_cast<std::streamoff>(directory - 1));
    file << 'z' << tail;
  }
  const MappedFile mapped(path);
  const Bytes content = ZipReader(mapped.bytes()).read("x");
  EXPECT_EQ(content.size(), size);
  EXPECT_EQ(content.back(), std::byte{'z'});
  fs::remove(path);
}

}  // namespace
}  // namespace nolabel
