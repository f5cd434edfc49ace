// Private to the tests of this folder: a folder of its own for every test, and pictures to put in.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/source.h"
#include "nolabel/image/encode.h"

namespace nolabel {

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  // Not write_file(): hundreds of files need not be flushed to the disk.
  void write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << content;
  }

  // A PNG of one gray level.
  static std::string picture(uint8_t level, int height = 4, int width = 5) {
    Image image(height, width);
    image.pixels.assign(image.pixels.size(), level);
    return encode_png(image.view());
  }

  LoadedImages load(const std::vector<std::filesystem::path>& paths) const {
    return load_images(paths, options, observer);
  }
  LoadedImages load() const { return load({root}); }

  // What load() says against it; empty when nothing.
  std::string complaint(const std::vector<std::filesystem::path>& paths, Fault fault) const {
    try {
      load(paths);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "";
  }

  static std::vector<std::string> names(const Dataset& data) {
    std::vector<std::string> names;
    for (int64_t i = 0; i < data.size(); ++i) names.push_back(data.name(i));
    return names;
  }
  static std::vector<std::string> names(const std::vector<SkippedImage>& skipped) {
    std::vector<std::string> names;
    for (const SkippedImage& image : skipped) names.push_back(image.name);
    return names;
  }

  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / ("nolabel_data_test_" + std::to_string(getpid()));
  LoadOptions options;
  Observer observer;
};

}  // namespace nolabel
