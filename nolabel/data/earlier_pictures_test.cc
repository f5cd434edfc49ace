// A collection that has changed is read again without decoding what a pack holds already.
#include "nolabel/data/earlier_pictures.h"

#include <gmock/gmock.h>

#include "nolabel/base/file.h"
#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class EarlierPicturesTest : public PackTest, public testing::WithParamInterface<CacheFormat> {
 protected:
  void SetUp() override {
    PackTest::SetUp();
    options.cache_format = GetParam();
    options.memory_bytes = 100;  // everything goes to a pack
    load_photos();
  }
  // The same images decoded anew.
  LoadedImages decoded() {
    LoadOptions fresh = options;
    fresh.memory_bytes = int64_t{1} << 30;
    fresh.cache_directory.clear();
    return load_images({root / "photos"}, fresh, Observer());
  }
};
INSTANTIATE_TEST_SUITE_P(Formats, EarlierPicturesTest,
                         testing::Values(CacheFormat::raw, CacheFormat::compressed));

TEST_P(EarlierPicturesTest, OnlyWhatIsNewIsDecoded) {
  write("photos/2/new.png", picture(90, 4, 6));
  const LoadedImages grown = load_photos();
  EXPECT_THAT(log, HasSubstr("31 of 33 images are decoded already"));  // and one cannot be
  expect_equal(grown, decoded());
  // Of the two packs the one with all images is left.
  EXPECT_EQ(cache_files().size(), 1u);
  load_photos();
  EXPECT_THAT(log, Not(HasSubstr("decoded already")));  // the pack serves as it is
}

TEST_P(EarlierPicturesTest, AChangedFileIsDecodedAgain) {
  write("photos/2/5.png", picture(91, 5, 7));
  const LoadedImages now = load_photos();
  EXPECT_THAT(log, HasSubstr("30 of 32 images are decoded already"));
  expect_equal(now, decoded());
}

TEST_P(EarlierPicturesTest, OtherSourcesWithTheSameFilesFindThem) {
  // Names are seen from another folder, so the fingerprint is another one, too.
  write("more/x.png", picture(92, 4, 6));
  log.clear();
  const LoadedImages both = load({root / "photos", root / "more"});
  EXPECT_THAT(log, HasSubstr("31 of 33 images are decoded already"));
  LoadOptions fresh = options;
  fresh.memory_bytes = int64_t{1} << 30;
  fresh.cache_directory.clear();
  expect_equal(both, load_images({root / "photos", root / "more"}, fresh, Observer()));
}

TEST_P(EarlierPicturesTest, OtherSizesAreDecodedAgain) {
  options.pictures.short_side = 2;
  load_photos();
  EXPECT_THAT(log, Not(HasSubstr("decoded already")));
}

TEST_P(EarlierPicturesTest, WhatFitsIntoMemoryIsKeptWhereDecodingTookLong) {
  for (const fs::path& file : cache_files()) fs::remove(file);
  options.memory_bytes = int64_t{1} << 30;
  load_photos();
  EXPECT_TRUE(cache_files().empty());  // decoding took no 10 s
  options.seconds_worth_keeping = 0;
  const LoadedImages first = load_photos();
  EXPECT_THAT(log, HasSubstr("keeps the decoded images"));
  ASSERT_EQ(cache_files().size(), 1u);
  const LoadedImages second = load_photos();
  EXPECT_THAT(log, HasSubstr("using the decoded images"));
  expect_equal(first, second);
  expect_equal(first, decoded());
  write("photos/2/new.png", picture(90, 4, 6));
  load_photos();
  EXPECT_THAT(log, HasSubstr("31 of 33 images are decoded already"));
}

}  // namespace
}  // namespace nolabel
