#include "nolabel/data/screening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/data/mapped_images_testing.h"
#include "nolabel/image/scene_testing.h"

namespace nolabel {
namespace {

using testing::ElementsAre;

struct Pictures {
  std::vector<Image> images;
  std::vector<ContentId> contents;

  void add(Image image) {
    contents.push_back(
        content_id({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()}));
    images.push_back(std::move(image));
  }
  Screening screened(int threads = 1) const {
    std::vector<std::string> names;
    for (size_t i = 0; i < images.size(); ++i) names.push_back(std::to_string(i));
    const Dataset dataset = make_dataset(images, names);
    return screen_images({&dataset}, contents, threads, {});
  }
};

TEST(ScreenImages, TheOriginalStandsForItsCopies) {
  Pictures pictures;
  const Image original = scene(1);
  pictures.add(cropped(original, 0.1, 0, 0, 0.05));  // 0
  pictures.add(scene(2));                            // 1
  pictures.add(resize(original.view(), 90, 120));    // 2
  pictures.add(original);                            // 3
  pictures.add(cropped(original, 0, 0.1, 0.1, 0));   // 4
  pictures.add(scene(3));                            // 5
  pictures.add(original);                            // 6
  EXPECT_THAT(pictures.screened().representative, ElementsAre(3, 1, 3, 3, 3, 5, 3));
  EXPECT_THAT(groups_of(pictures.screened(2).representative),
              ElementsAre(ElementsAre(3, 0, 2, 4, 6)));
}

// A camera that moves slowly: each frame is like the next, and the last unlike the first.
TEST(ScreenImages, GroupsHaveNoChains) {
  Pictures pictures;
  const Image panorama = scene(9, 200, 500);
  for (int frame = 0; frame < 20; ++frame) {
    pictures.add(cropped(panorama, 0.03 * frame, 0, 0.6 - 0.03 * frame, 0));
  }
  const std::vector<int64_t> representative = pictures.screened().representative;
  for (int frame = 0; frame < 20; ++frame) {
    EXPECT_LE(std::abs(representative[frame] - frame), 3) << frame;  // 3 frames: 22 % of the width
  }
}

TEST(ScreenImages, CopiesAcrossDataSetsAreFound) {
  const Dataset one = make_dataset({scene(1), scene(2)}, {"a", "b"});
  const Dataset two = make_dataset({scene(3), resize(scene(2).view(), 100, 130)}, {"c", "d"});
  const std::vector<ContentId> contents = {{0, 1}, {0, 2}, {0, 3}, {0, 4}};
  EXPECT_THAT(screen_images({&one, &two}, contents, 1, {}).representative, ElementsAre(0, 1, 2, 1));
}

TEST(ScreenImages, NoiseAndPlainImagesHaveNoContentAndNoCopies) {
  Pictures pictures;
  pictures.add(scene(1));
  for (int i = 0; i < 3; ++i) pictures.add(noise_picture(static_cast<uint64_t>(i)));
  Image dark(100, 100), darker(100, 120);
  dark.pixels.assign(dark.pixels.size(), 30);
  pictures.add(dark);
  pictures.add(darker);
  pictures.add(dark);  // an exact copy, all the same
  const Screening screening = pictures.screened();
  EXPECT_THAT(screening.has_content, ElementsAre(true, false, false, false, false, false, false));
  EXPECT_THAT(screening.representative, ElementsAre(0, 1, 2, 3, 4, 5, 4));
}

TEST(ScreenImages, ManyFramesOfOneSceneAreOneGroup) {
  Pictures pictures;
  const Image original = scene(4, 60, 60);
  for (int i = 0; i < 40; ++i) {
    Image frame = original;
    for (size_t k = static_cast<size_t>(i); k < frame.pixels.size(); k += 40) frame.pixels[k] ^= 3;
    pictures.add(frame);
  }
  const auto groups = groups_of(pictures.screened().representative);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].size(), 40u);
}

TEST(ScreenImages, StopsOnRequest) {
  Observer observer;
  observer.cancel.request();
  const Dataset one = make_dataset({scene(1)}, {"a"});
  EXPECT_THROW(screen_images({&one}, {{0, 1}}, 1, observer), std::exception);
}

TEST(ScreenImages, LeaveTheMemoryWhenTheyWereLookedAt) {
  const TemporaryDirectory folder;
  const Dataset images = mapped_images(folder.path() / "images", 50, 2048);  // 630 MB
  std::vector<ContentId> contents;
  for (int64_t i = 0; i < images.size(); ++i) contents.push_back(content_id(images.name(i)));
  const double before = peak_mb(true);
  EXPECT_FALSE(screen_images({&images}, contents, 2, {}).has_content[0]);
  EXPECT_LT(peak_mb(false) - before, 400);
}

TEST(OnlyExactCopies, AreGroupedByContent) {
  EXPECT_THAT(only_exact_copies({{0, 1}, {0, 2}, {0, 1}}).representative, ElementsAre(0, 1, 0));
}

}  // namespace
}  // namespace nolabel
