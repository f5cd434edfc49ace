#include "nolabel/image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "nolabel/base/error.h"
#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

// Largest difference from Pillow in levels, by what may differ.
const std::map<std::string, int> kTolerance = {
    {"exact", 0},
    {"rounding", 1},  // libtiff and Pillow round alpha, inks and 16 bits each in their way
    {"jpeg", 1},      // measured 0 with libjpeg-turbo 2.1 against Pillow's 3.1
    {"video", 2},     // measured 1: conversions from YCbCr differ
};

// The expected pixels are PNG files too; that PNG itself decodes rightly is proved by rgb.ppm,
// whose bytes are read as they are.
TEST(DecodeTest, EveryFormatAndModeGivesPillowsPixels) {
  const auto rows = golden_rows("decode.csv");
  ASSERT_GT(rows.size(), 110u);
  for (const auto& row : rows) {
    const std::string &name = row[0], &expected = row[2], &tolerance = row[3];
    DecodeOptions options;
    options.reduce_to_short_side = std::stoi(row[1]);
    const std::string file = read_file(golden(name));
    const DecodedImage decoded = decode_with_remarks(std::as_bytes(std::span(file)), options);
    EXPECT_LE(largest_difference(decoded.image.view(), read_image(golden(expected)).view()),
              kTolerance.at(tolerance))
        << name;
    const std::string remark = row.size() > 4 ? row[4] : "";
    EXPECT_EQ(decoded.remarks.levels_scaled, remark == "levels") << name;
    EXPECT_EQ(decoded.remarks.bands_dropped, remark == "bands") << name;
  }
}

TEST(DecodeTest, SizesFromHeadersAreThoseOfThePixels) {
  for (const auto& row : golden_rows("decode.csv")) {
    const Image image = read_image(golden(row[0]));
    EXPECT_EQ(read_image_size(golden(row[0])), (PixelSize{image.height, image.width})) << row[0];
  }
}

TEST(DecodeTest, SizesNeedOnlyTheHeaders) {
  const TemporaryDirectory folder;
  for (const char* name : {"rgb.jpg", "rgb.png", "rgb.bmp", "palette.gif"}) {
    const std::string whole = read_file(golden(name));
    write_file(folder.path() / name, whole.substr(0, whole.size() * 2 / 3));
    EXPECT_EQ(read_image_size(folder.path() / name), read_image_size(golden(name))) << name;
  }
  write_file(folder.path() / "empty", "");
  EXPECT_THROW(read_image_size(folder.path() / "empty"), Error);
}

TEST(DecodeTest, TheContentTellsTheExtension) {
  for (const auto& [name, extension] : {std::pair{"rgb.jpg", ".jpg"},
                                        {"rgb.png", ".png"},
                                        {"lossy.webp", ".webp"},
                                        {"tile16.tif", ".tif"},
                                        {"rgb.bmp", ".bmp"},
                                        {"palette.gif", ".gif"},
                                        {"rgb.ppm", ".ppm"},
                                        {"rgb.heic", ".heic"},
                                        {"alpha.avif", ".avif"}}) {
    const std::string file = read_file(golden(name));
    EXPECT_EQ(image_extension(std::as_bytes(std::span(file)).first(64)), extension) << name;
  }
  EXPECT_EQ(image_extension({}), "");
}

// Why a file is refused.
std::string reason(std::string_view bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(std::as_bytes(std::span(bytes)), options);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "decoded";
}

TEST(DecodeTest, SaysWhyAFileIsRefused) {
  EXPECT_EQ(reason(""), "empty file");
  EXPECT_EQ(reason("hello, this is text"), "not a picture that nolabel reads");
  EXPECT_EQ(reason("P6 60000 60000 255\n"), "too large: 60000 x 60000 pixels");
  EXPECT_EQ(reason("P6 4 4 255\nabc"), "truncated PPM or PGM");
  EXPECT_EQ(reason("P6 0 4 255\n"), "empty: 0 x 4 pixels");
  for (const auto& [name, message] : {std::pair{"rgb.jpg", "truncated JPEG"},
                                      {"progressive.jpg", "truncated JPEG"},
                                      {"rgb.png", "truncated PNG"},
                                      {"lossy.webp", "truncated WebP"},
                                      {"tiff_lzw.tif", "truncated or corrupt TIFF: "},
                                      {"float.tif", "truncated or corrupt TIFF: "},
                                      {"bands4_16_planar.tif", "truncated or corrupt TIFF: "},
                                      {"tile16.tif", "truncated or corrupt TIFF: "},
                                      {"rgb.bmp", "truncated BMP"},
                                      {"rle8.bmp", "truncated BMP"},
                                      {"palette.gif", "truncated GIF"},
                                      {"rgb.heic", "truncated or corrupt HEIF: "}}) {
    const std::string whole = read_file(golden(name));
    EXPECT_THAT(reason(std::string_view(whole).substr(0, whole.size() * 2 / 3)),
                testing::StartsWith(message))
        << name;
  }
}

TEST(DecodeTest, SizeIsLimitedInEveryFormat) {
  DecodeOptions options;
  options.max_pixels = 48 * 40;
  for (const char* name : {"rgb.jpg", "rgb.png", "lossy.webp", "raw.tif", "palette.tif", "rgb.bmp",
                           "palette.gif", "rgb.ppm", "rgb.avif"}) {
    const std::string file = read_file(golden(name));
    EXPECT_EQ(reason(file, options), "decoded") << name;
    options.max_pixels -= 1;
    EXPECT_EQ(reason(file, options), "too large: 48 x 40 pixels") << name;
    options.max_pixels += 1;
  }
}

TEST(DecodeTest, JpegThatLacksOnlyItsEndMarkerIsWhole) {
  std::string file = read_file(golden("rgb.jpg"));
  file.resize(file.size() - 2);
  EXPECT_EQ(reason(file), "decoded");
}

TEST(DecodeTest, ReadImageNamesAMissingFile) {
  try {
    read_image(golden("absent.jpg"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_THAT(error.what(), testing::HasSubstr("absent.jpg"));
  }
}

TEST(DecodeTest, BeginsAsPicture) {
  const auto begins = [](std::string_view text) {
    return begins_as_picture(std::as_bytes(std::span(text)));
  };
  for (const char* name : {"rgb.jpg", "rgb.png", "lossy.webp", "raw.tif", "rgb.bmp", "palette.gif",
                           "rgb.ppm", "rgb.avif"}) {
    EXPECT_TRUE(begins(read_file(golden(name)).substr(0, 64))) << name;
  }
  for (const char* text : {"", "BM", "BMW is a maker of cars and of motorcycles", "P5", "P2P is"}) {
    EXPECT_FALSE(begins(text)) << text;
  }
}

TEST(DecodeTest, HasImageExtension) {
  for (const char* name : {"a.jpg", "dir.txt/B.JPEG", "c.HeIc", "d.avif", "e.tiff"}) {
    EXPECT_TRUE(has_image_extension(name)) << name;
  }
  for (const char* name : {"jpg", ".jpg", "a.txt", "a.jpg.part", "a.", ""}) {
    EXPECT_FALSE(has_image_extension(name)) << name;
  }
}

}  // namespace
}  // namespace nolabel
