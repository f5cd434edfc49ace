#include "nolabel/data/pack_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Images i of 1 x (i + 1) pixels.
class PackWriterTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(directory); }
  void TearDown() override { fs::remove_all(directory); }

  static std::string pixels(int i) {
    return std::string(static_cast<size_t>(3 * (i + 1)), static_cast<char>('a' + i));
  }
  static void add(PackWriter& writer, PackPart& part, int i) {
    writer.append(pixels(i).data(), pixels(i).size());
    part.table.images.push_back({i, 1, i + 1, 0});
    part.table.origins.push_back({format("/photos/{}.jpg", i), 1000, i});
    part.table.contents.push_back({static_cast<uint64_t>(i), 7});
    part.digests.push_back(std::to_string(i));
    part.listed = i + 1;
  }
  // The finished file, begun with the first `before` images, saved after every one, by another
  // writer.
  std::string pack_in_two(int before) {
    {
      PackWriter writer(path, "key", PackWriter::Place::resumed);
      PackPart part;
      for (int i = 0; i < before; ++i) {
        add(writer, part, i);
        writer.save(part);
      }
      add(writer, part, before);  // not saved
    }
    return finish(before);
  }
  // Goes on after `expected` images.
  std::string finish(int expected) {
    PackWriter writer(path, "key", PackWriter::Place::resumed);
    PackPart part = writer.found();
    EXPECT_EQ(part.listed, expected);
    EXPECT_EQ(std::ssize(part.digests), expected);
    for (int i = expected; i < 5; ++i) add(writer, part, i);
    part.table.fingerprint = "fingerprint";
    writer.finish(part.table);
    return read_file(path);
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("pack_file_test_{}", int64_t{::getpid()});
  const fs::path path = directory / "a.pack";
  const fs::path begun = directory / "a.pack.begun", journal = directory / "a.pack.begun.jsonl";
};

TEST_F(PackWriterTest, GoesOnInAnotherProcessByteForByte) {
  const std::string whole = pack_in_two(0);
  for (const int before : {1, 2, 4}) EXPECT_EQ(pack_in_two(before), whole) << before;
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 1);
  PackTable table;
  EXPECT_NO_THROW(open_pack(path, "key", table));
  EXPECT_EQ(table.images.size(), 5u);
}

// At whatever length a kill ended the journal or the images, what is whole counts.
TEST_F(PackWriterTest, ADamagedEndIsCutOff) {
  const std::string whole = pack_in_two(0);
  {
    PackWriter writer(path, "key", PackWriter::Place::resumed);
    PackPart part;
    for (int i = 0; i < 3; ++i) {
      add(writer, part, i);
      writer.save(part);
    }
  }
  const std::string images = read_file(begun), lines = read_file(journal);
  for (size_t length = 0; length < lines.size(); length += 7) {
    write_file(begun, images);
    write_file(journal, lines.substr(0, length));
    const PackWriter writer(path, "key", PackWriter::Place::resumed);
    EXPECT_LE(writer.found().listed, 2) << length;
  }
  write_file(begun, images.substr(0, images.size() - 1));
  write_file(journal, lines);
  EXPECT_EQ(finish(2), whole);
}

TEST_F(PackWriterTest, OfAnotherKeyBeginsAnew) {
  {
    PackWriter writer(path, "other", PackWriter::Place::resumed);
    PackPart part;
    add(writer, part, 0);
    writer.save(part);
  }
  finish(0);
}

TEST_F(PackWriterTest, WhatIsOwnIsRemovedUnfinished) {
  {
    PackWriter writer(path, "key", PackWriter::Place::own);
    PackPart part;
    add(writer, part, 0);
    writer.save(part);
    EXPECT_FALSE(fs::is_empty(directory));
  }
  EXPECT_TRUE(fs::is_empty(directory));
}

}  // namespace
}  // namespace nolabel
