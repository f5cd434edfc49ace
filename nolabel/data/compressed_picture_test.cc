#include "nolabel/data/compressed_picture.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "nolabel/data/listing.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/test_folder.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/resize.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Waves of all three colors at several scales, as smooth as photos mostly are.
Image waves(int height, int width, int which) {
  Image image(height, width);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double wave = std::sin((x + which) * 0.11 * (c + 1)) + std::cos((y - c) * 0.17) +
                            std::sin((x - y) * 0.71) / 4;
        image.pixels[(y * width + x) * 3 + c] = static_cast<uint8_t>(128 + 50 * wave);
      }
    }
  }
  return image;
}

class CompressedCache : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (int i = 0; i < 12; ++i) {
      write(format("photos/{}.jpg", i), encode_jpeg(waves(96 + i, 120, i).view(), 92));
    }
    options.pictures.short_side = 64;
    options.cache_directory = root / "cache";
  }
  Dataset photos() const { return load({root / "photos"}).dataset; }
  fs::path cache_file() const { return fs::directory_iterator(root / "cache")->path(); }
};

std::vector<Image> images_of(const Dataset& data) {
  std::vector<Image> images;
  for (int64_t i = 0; i < data.size(); ++i) {
    const DatasetImage image = data.image(i);
    Image copy(image.height(), image.width());
    std::copy_n(image.view().data, copy.pixels.size(), copy.pixels.begin());
    images.push_back(std::move(copy));
  }
  return images;
}

void expect_same(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.fingerprint(), b.fingerprint());
  const std::vector<Image> of_a = images_of(a), of_b = images_of(b);
  ASSERT_EQ(of_a.size(), of_b.size());
  for (size_t i = 0; i < of_a.size(); ++i) EXPECT_EQ(of_a[i].pixels, of_b[i].pixels) << i;
}

TEST_F(CompressedCache, RawMemoryRawCacheAndTheFilesThemselvesGiveTheSamePixels) {
  const Dataset memory = photos();
  options.memory_bytes = 0;
  const Dataset written = photos(), mapped = photos();
  expect_same(memory, written);
  expect_same(memory, mapped);
  const std::vector<Image> images = images_of(mapped);
  for (int64_t i = 0; i < mapped.size(); ++i) {
    const Image direct = resize_short_side(
        read_image(root / "photos" / mapped.name(i), {.reduce_to_short_side = 64}).view(), 64);
    EXPECT_EQ(images[i].pixels, direct.pixels) << mapped.name(i);
  }
}

TEST_F(CompressedCache, HasTheSamePixelsInMemoryInTheFileAndWithAnyThreads) {
  options.cache_format = CacheFormat::compressed;
  const Dataset memory = photos();
  options.memory_bytes = 0;
  options.threads = 3;
  const Dataset written = photos();
  options.threads = 1;
  const Dataset mapped = photos();
  expect_same(memory, written);
  expect_same(memory, mapped);
  options.memory_bytes = 64 * 80 * 3 * 4;  // some in memory, then over to the disk
  fs::remove_all(root / "cache");
  expect_same(memory, photos());
  EXPECT_EQ(mapped.subset({2, 1}).fingerprint(), memory.subset({2, 1}).fingerprint());
}

TEST_F(CompressedCache, IsCloseToTheRawPixelsAndSmaller) {
  options.memory_bytes = 0;
  const Dataset raw = photos();
  const auto raw_size = fs::file_size(cache_file());
  fs::remove_all(root / "cache");
  options.cache_format = CacheFormat::compressed;
  const Dataset compressed = photos();
  EXPECT_LT(fs::file_size(cache_file()), raw_size / 2);
  const std::vector<Image> exact = images_of(raw), close = images_of(compressed);
  double sum = 0, count = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    for (size_t k = 0; k < exact[i].pixels.size(); ++k, ++count) {
      const int difference = std::abs(int{exact[i].pixels[k]} - int{close[i].pixels[k]});
      ASSERT_LE(difference, 24);
      sum += difference;
    }
  }
  EXPECT_LT(sum / count, 1.5);
  EXPECT_GT(sum, 0);
}

TEST_F(CompressedCache, FingerprintsAndFilesAreNotTakenForRawOnes) {
  options.memory_bytes = 0;
  const Dataset raw = photos();
  options.cache_format = CacheFormat::compressed;
  const Dataset compressed = photos();
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "cache"), {}), 2);
  EXPECT_EQ(raw.fingerprint().find(':'), std::string::npos);
  EXPECT_TRUE(compressed.fingerprint().starts_with("jpeg95:"));
  EXPECT_TRUE(compressed.subset({1}).fingerprint().starts_with("jpeg95:"));
  EXPECT_EQ(compressed.height(0), raw.height(0));
}

TEST_F(CompressedCache, ADamagedPictureIsAnErrorThatNamesTheFile) {
  options.memory_bytes = 0;
  options.cache_format = CacheFormat::compressed;
  std::string damaged = [&] {
    photos();
    return read_file(cache_file());
  }();
  damaged[1000] ^= 1;
  write("cache" / cache_file().filename(), damaged);
  const Dataset data = photos();  // the table is whole
  try {
    images_of(data);
    FAIL() << "nothing was noticed";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_THAT(error.what(), HasSubstr("its checksum differs. Delete " + cache_file().string()));
  }
}

TEST(CompressedPicture, EveryDamageIsNoticed) {
  const Image image = waves(20, 30, 0);
  const std::string whole = compress(image.view());
  EXPECT_EQ(decompress(whole, 20, 30).width, 30);
  EXPECT_THROW(decompress(whole, 30, 20), Error);
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_THROW(decompress(whole.substr(0, i), 20, 30), Error);
    std::string flipped = whole;
    flipped[i] ^= 4;
    EXPECT_THROW(decompress(flipped, 20, 30), Error);
  }
}

TEST_F(CompressedCache, TheEstimateIsNearWhatTheFilesBecome) {
  Listing listing;
  for (int i = 0; i < 12; ++i) {
    listing.images.emplace_back().file = (root / format("photos/{}.jpg", i)).string();
  }
  const ReadingSample::Read read = [&](const ListedImage& listed) {
    return read_listed(listed, options);
  };
  options.cache_format = CacheFormat::compressed;
  const ReadingSample compressed_sample(listing, options.threads, read);
  const PackEstimate of_compressed =
      estimate_pack(listing, compressed_sample, {}, options, observer);
  options.cache_format = CacheFormat::raw;
  ReadingSample sample(listing, options.threads, read);
  const PackEstimate estimate = estimate_pack(listing, sample, {}, options, observer);
  EXPECT_EQ(of_compressed.raw_bytes, estimate.raw_bytes);
  EXPECT_EQ(of_compressed.compressed_bytes, estimate.compressed_bytes);
  EXPECT_EQ(of_compressed.error, estimate.error);
  for (const int64_t listed : sample.listed()) sample.take(listed);
  EXPECT_EQ(estimate_pack(listing, sample, {}, options, observer).raw_bytes, estimate.raw_bytes);
  options.memory_bytes = 0;
  for (const CacheFormat each : {CacheFormat::raw, CacheFormat::compressed}) {
    options.cache_format = each;
    fs::remove_all(root / "cache");
    photos();
    const auto file = static_cast<double>(fs::file_size(cache_file()));
    EXPECT_NEAR(static_cast<double>(estimate.bytes(each)), file, 2000);  // the table
  }
  EXPECT_GT(estimate.error, 0);
  EXPECT_LT(estimate.error, 1.5);
}

}  // namespace
}  // namespace nolabel
