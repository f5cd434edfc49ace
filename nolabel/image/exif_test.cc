#include "nolabel/image/exif.h"

#include <gtest/gtest.h>

#include <string>

namespace nolabel {
namespace {

int orientation(const std::string& block) {
  return exif_orientation(std::as_bytes(std::span(block)));
}

using namespace std::string_literals;

// Two entries, the second of which is the orientation, 6.
const std::string kLittle = "II*\0\x08\0\0\0"s + "\x02\0"s + "\x0F\x01\x02\0\x04\0\0\0cam\0"s +
                            "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s + "\0\0\0\0"s;
const std::string kBig = "MM\0*\0\0\0\x08"s + "\0\x01"s + "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"s;

TEST(ExifTest, OrientationInBothByteOrders) {
  EXPECT_EQ(orientation(kLittle), 6);
  EXPECT_EQ(orientation(kBig), 6);
  EXPECT_EQ(orientation("Exif\0\0"s + kLittle), 6);
}

// One entry, the orientation, whose type and value are given in the byte order of the header.
std::string block_of(const std::string& header, const std::string& type, const std::string& value) {
  const bool big = header[0] == 'M';
  std::string block = header;
  block += big ? "\0\x01\x01\x12"s : "\x01\0\x12\x01"s;
  block += type;
  block += big ? "\0\0\0\x01"s : "\x01\0\0\0"s;
  block += value;
  return block;
}

TEST(ExifTest, OrientationOfEveryWholeNumberType) {
  const std::string little = "II*\0\x08\0\0\0"s, big = "MM\0*\0\0\0\x08"s;
  EXPECT_EQ(orientation(block_of(little, "\x01\0"s, "\x08\0\0\0"s)), 8);  // BYTE
  EXPECT_EQ(orientation(block_of(big, "\0\x01"s, "\x08\0\0\0"s)), 8);
  EXPECT_EQ(orientation(block_of(little, "\x04\0"s, "\x06\0\0\0"s)), 6);  // LONG
  EXPECT_EQ(orientation(block_of(big, "\0\x04"s, "\0\0\0\x06"s)), 6);
  EXPECT_EQ(orientation(block_of(little, "\x09\0"s, "\x03\0\0\0"s)), 3);  // SLONG
  EXPECT_EQ(orientation(block_of(big, "\0\x08"s, "\0\x05\0\0"s)), 5);     // SSHORT
}

TEST(ExifTest, OrientationsThatAreNoneAreUpright) {
  const std::string big = "MM\0*\0\0\0\x08"s;
  EXPECT_EQ(orientation(block_of(big, "\0\x09"s, "\xFF\xFF\xFF\xFA"s)), 1);  // SLONG, -6
  EXPECT_EQ(orientation(block_of(big, "\0\x04"s, "\0\x01\0\x06"s)), 1);      // LONG, 65542
  EXPECT_EQ(orientation(block_of(big, "\0\x05"s, "\0\0\0\x06"s)), 1);        // RATIONAL
  EXPECT_EQ(orientation(block_of(big, "\0\x04"s, "\0\0"s)), 1);              // cut off
}

TEST(ExifTest, DamagedBlocksAreUpright) {
  EXPECT_EQ(orientation(""), 1);
  EXPECT_EQ(orientation("JFIF"), 1);
  // Only the part up to the value is needed.
  for (size_t length = 0; length < kBig.size() - 2; ++length) {
    EXPECT_EQ(orientation(kBig.substr(0, length)), 1) << length;
  }
  std::string far_directory = kLittle;
  far_directory.replace(4, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(orientation(far_directory), 1);
  std::string many_entries = kLittle.substr(0, 22);
  many_entries.replace(8, 2, "\xFF\xFF");
  EXPECT_EQ(orientation(many_entries), 1);
  std::string ninth = kBig;
  ninth[19] = 9;
  EXPECT_EQ(orientation(ninth), 1);
}

// A 2 x 3 picture whose red values are 1 2 3 / 4 5 6, and where EXIF's definition puts them: the
// stored row 0 is the upright picture's top, top, bottom, bottom, left, right, right, left side.
TEST(ExifTest, ApplyOrientationMovesPixels) {
  Image stored(2, 3);
  for (int i = 0; i < 6; ++i) stored.pixels[3 * i] = static_cast<uint8_t>(i + 1);
  const auto reds = [&](int orientation_value) {
    const Image upright = apply_orientation(stored, orientation_value);
    std::string text;
    for (int y = 0; y < upright.height; ++y) {
      for (int x = 0; x < upright.width; ++x) text += char('0' + *upright.view().pixel(y, x));
      text += ' ';
    }
    return text;
  };
  EXPECT_EQ(reds(1), "123 456 ");
  EXPECT_EQ(reds(2), "321 654 ");
  EXPECT_EQ(reds(3), "654 321 ");
  EXPECT_EQ(reds(4), "456 123 ");
  EXPECT_EQ(reds(5), "14 25 36 ");
  EXPECT_EQ(reds(6), "41 52 63 ");
  EXPECT_EQ(reds(7), "63 52 41 ");
  EXPECT_EQ(reds(8), "36 25 14 ");
}

}  // namespace
}  // namespace nolabel
