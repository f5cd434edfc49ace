// Private to the tests of this folder: a folder of pictures, and a cache directory beside it.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/test_folder.h"

namespace nolabel {

class PackTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (int i = 0; i < 30; ++i) {
      write(format("photos/{}/{}.png", i % 3, i), picture(static_cast<uint8_t>(i), 3 + i % 4, 6));
    }
    write("photos/0/bad.jpg", "no picture");
    write("photos/1/copy of 4.png", picture(4, 3, 6));
    options.cache_directory = root / "cache";
    observer.log = [this](Severity, const std::string& text) { log += text + "\n"; };
  }
  LoadedImages load_photos() {
    log.clear();
    return load({root / "photos"});
  }
  std::filesystem::path cache_file() const {
    return std::filesystem::directory_iterator(root / "cache")->path();
  }
  std::vector<std::filesystem::path> cache_files() const {
    return {std::filesystem::directory_iterator(root / "cache"),
            std::filesystem::directory_iterator()};
  }

  std::string log;
};

inline void expect_equal(const LoadedImages& a, const LoadedImages& b) {
  ASSERT_EQ(a.dataset.size(), b.dataset.size());
  EXPECT_EQ(a.dataset.fingerprint(), b.dataset.fingerprint());
  EXPECT_EQ(a.dataset.labels(), b.dataset.labels());
  EXPECT_EQ(a.contents, b.contents);
  EXPECT_EQ(a.skipped.size(), b.skipped.size());
  for (int64_t i = 0; i < a.dataset.size(); ++i) {
    const DatasetImage of_a = a.dataset.image(i), of_b = b.dataset.image(i);
    const ImageView x = of_a.view(), y = of_b.view();
    EXPECT_EQ(a.dataset.name(i), b.dataset.name(i));
    ASSERT_EQ(x.height, y.height);
    ASSERT_EQ(x.width, y.width);
    EXPECT_EQ(std::memcmp(x.data, y.data, size_t{3} * x.height * x.width), 0);
  }
}

}  // namespace nolabel
