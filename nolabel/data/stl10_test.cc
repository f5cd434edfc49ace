#include <gmock/gmock.h>

#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What image i of file k has at row y, column x.
uint8_t pixel(int k, int i, int channel, int y, int x) {
  return static_cast<uint8_t>(50 * k + 20 * i + 7 * channel + 3 * y + x);
}

class Stl10 : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    write_images("train", 1, 2);
    write("stl10_binary/train_y.bin", "\x0A\x01");
    write_images("unlabeled", 2, 3);
    write_images("test", 3, 1);
    write("stl10_binary/test_y.bin", "\x02");
    write("stl10_binary/class_names.txt",
          "airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n");
    write("stl10_binary/fold_indices.txt", "0\n");
  }
  void write_images(const std::string& part, int k, int count) const {
    std::string content;
    for (int i = 0; i < count; ++i) {
      for (int channel = 0; channel < 3; ++channel) {
        for (int x = 0; x < 96; ++x) {
          for (int y = 0; y < 96; ++y) content += static_cast<char>(pixel(k, i, channel, y, x));
        }
      }
    }
    write("stl10_binary/" + part + "_X.bin", content);
  }
  static void expect_image(const Dataset& data, int64_t at, int k, int i) {
    const DatasetImage stored = data.image(at);
    const ImageView image = stored.view();
    ASSERT_EQ(image.height, 96);
    ASSERT_EQ(image.width, 96);
    for (int y = 0; y < 96; ++y) {
      for (int x = 0; x < 96; ++x) {
        for (int channel = 0; channel < 3; ++channel) {
          ASSERT_EQ(image.pixel(y, x)[channel], pixel(k, i, channel, y, x));
        }
      }
    }
  }
};

TEST_F(Stl10, SplitsAreThePublishedOnes) {
  EXPECT_TRUE(has_split({root}));
  const Dataset all = load({root / "stl10_binary"}).dataset;
  EXPECT_THAT(names(all), ElementsAre("train:0", "train:1", "test:0"));
  EXPECT_THAT(all.labels(), ElementsAre(9, 0, 1));
  EXPECT_EQ(all.class_names()[9], "truck");
  options.split = Split::test;
  const Dataset test = load().dataset;
  ASSERT_EQ(test.size(), 1);
  expect_image(test, 0, 3, 0);
}

TEST_F(Stl10, UnlabeledImagesFollowTheTrainImages) {
  options.split = Split::train;
  const LoadedImages train = load();
  EXPECT_EQ(train.unlabeled, 0);
  EXPECT_THAT(train.dataset.labels(), ElementsAre(9, 0));
  options.unlabeled = true;
  const LoadedImages both = load();
  ASSERT_EQ(both.dataset.size(), 5);
  EXPECT_EQ(both.unlabeled, 3);
  for (int i = 0; i < 2; ++i) expect_image(both.dataset, i, 1, i);
  for (int i = 0; i < 3; ++i) expect_image(both.dataset, 2 + i, 2, i);
  EXPECT_EQ(both.dataset.label(1), 0);
  EXPECT_EQ(both.dataset.label(2), std::nullopt);
}

TEST_F(Stl10, UnlabeledImagesOfTwoFoldersStandAtTheEnd) {
  std::filesystem::copy(root / "stl10_binary", root / "more");
  options.split = Split::train;
  options.unlabeled = true;
  const LoadedImages loaded = load({root / "stl10_binary", root / "more"});
  EXPECT_EQ(loaded.unlabeled, 6);
  EXPECT_THAT(names(loaded.dataset.subset({0, 1, 2, 3})),
              ElementsAre("train:0", "train:1", "train:0", "train:1"));
}

TEST_F(Stl10, OthersHaveNoUnlabeledImages) {
  write("photos/a.png", picture(1));
  options.unlabeled = true;
  options.split = Split::train;
  EXPECT_THAT(complaint({root / "photos"}, Fault::usage), HasSubstr("only STL-10"));
  options.split = Split::all;
  EXPECT_THAT(complaint({root}, Fault::usage), HasSubstr("go with the train images"));
}

TEST_F(Stl10, WithoutLabelsNoneAreRead) {
  std::filesystem::remove(root / "stl10_binary/train_y.bin");
  options.split = Split::train;
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("train_y.bin is missing"));
  options.labels = LabelSource::none;
  EXPECT_EQ(load().dataset.label(0), std::nullopt);
}

TEST_F(Stl10, DamageIsNamed) {
  write("stl10_binary/test_y.bin", "\x02\x03");
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("test_y.bin: must hold one byte for each"));
  write("stl10_binary/test_y.bin", "\x0B");
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("label 11"));
  write("stl10_binary/test_y.bin", std::string(1, '\0'));
  EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("label 0"));
  for (const size_t bytes : {0, 27648 - 1, 27648 + 1}) {
    write("stl10_binary/test_X.bin", std::string(bytes, 'x'));
    EXPECT_THAT(complaint({root}, Fault::data), HasSubstr("test_X.bin: must hold whole images"));
  }
}

}  // namespace
}  // namespace nolabel
