// Reads event files back with a small reader of the formats. That TensorBoard's own reader agrees
// is checked by tools/check_tensorboard.py, in the peers' environment.
#include "nolabel/record/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>

#include "nolabel/base/file.h"
#include "nolabel/record/crc32c.h"

namespace nolabel {
namespace {

using Fields = std::multimap<int, std::string>;  // field number -> its bytes

uint64_t take_fixed(std::string_view& in, size_t bytes) {
  uint64_t value = 0;
  if (in.size() < bytes) throw std::runtime_error("cut short");
  std::memcpy(&value, in.data(), bytes);
  in.remove_prefix(bytes);
  return value;
}

uint64_t take_varint(std::string_view& in) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint64_t byte = take_fixed(in, 1);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

// One protocol-buffer message; numbers are kept as 8 bytes.
Fields fields_of(std::string_view in) {
  Fields fields;
  while (!in.empty()) {
    const uint64_t key = take_varint(in);
    uint64_t number = 0;
    std::string bytes;
    switch (key & 7) {
      case 0:
        number = take_varint(in);
        break;
      case 1:
        number = take_fixed(in, 8);
        break;
      case 5:
        number = take_fixed(in, 4);
        break;
      case 2: {
        const uint64_t size = take_varint(in);
        bytes = in.substr(0, size);
        in.remove_prefix(size);
        break;
      }
      default:
        throw std::runtime_error("wire type");
    }
    if ((key & 7) != 2) bytes.assign(reinterpret_cast<const char*>(&number), sizeof number);
    fields.emplace(static_cast<int>(key >> 3), bytes);
  }
  return fields;
}

uint64_t number_of(const Fields& fields, int field) {
  uint64_t value = 0;
  std::memcpy(&value, fields.find(field)->second.data(), sizeof value);
  return value;
}

uint32_t unmask(uint64_t masked) {
  return std::rotl(static_cast<uint32_t>(masked) - 0xA282EAD8u, 15);
}

std::vector<Fields> events_of(const std::filesystem::path& path) {
  const std::string content = read_file(path);
  std::string_view in = content;
  std::vector<Fields> events;
  while (!in.empty()) {
    const std::string_view length_bytes = in.substr(0, 8);
    const uint64_t length = take_fixed(in, 8);
    EXPECT_EQ(unmask(take_fixed(in, 4)), crc32c(length_bytes));
    const std::string_view data = in.substr(0, length);
    in.remove_prefix(length);
    EXPECT_EQ(unmask(take_fixed(in, 4)), crc32c(data));
    events.push_back(fields_of(data));
  }
  return events;
}

std::filesystem::path fresh_directory(const std::string& name) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::filesystem::remove_all(path);
  return path;
}

TEST(TensorBoardWriter, StartsWithVersionAndFirstStep) {
  TensorBoardWriter writer(fresh_directory("start"), 300);
  const auto events = events_of(writer.path());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].find(3)->second, "brain.Event:2");
  EXPECT_GT(std::bit_cast<double>(number_of(events[0], 1)), 1.7e9);  // seconds since 1970
  EXPECT_EQ(number_of(events[1], 2), 300u);
  EXPECT_EQ(number_of(fields_of(events[1].find(7)->second), 1), 1u);  // SessionLog.START
}

TEST(TensorBoardWriter, WritesEachStepsScalars) {
  TensorBoardWriter writer(fresh_directory("scalars"), 0);
  const std::vector<Scalar> scalars{{"loss", 0.5}, {"validation/total", -2.25}};
  writer.write(7, scalars);
  const auto events = events_of(writer.path());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(number_of(events[2], 2), 7u);
  const Fields summary = fields_of(events[2].find(5)->second);
  std::vector<std::pair<std::string, float>> read;
  for (const auto& [field, bytes] : summary) {
    const Fields value = fields_of(bytes);
    read.emplace_back(value.find(1)->second,
                      std::bit_cast<float>(static_cast<uint32_t>(number_of(value, 2))));
  }
  EXPECT_THAT(
      read, ::testing::ElementsAre(std::pair("loss", 0.5f), std::pair("validation/total", -2.25f)));
}

TEST(TensorBoardWriter, EveryWriterHasItsOwnFile) {
  const auto directory = fresh_directory("files");
  const TensorBoardWriter first(directory, 0), second(directory, 1);
  EXPECT_NE(first.path(), second.path());
  EXPECT_LT(first.path().filename(), second.path().filename());
  EXPECT_TRUE(first.path().filename().string().starts_with("events.out.tfevents."));
}

}  // namespace
}  // namespace nolabel
