// Private to the tests of this folder: pictures to put into the test's directory, and what loading
// them says.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/data/source.h"
#include "nolabel/fetch/test_directory.h"
#include "nolabel/image/encode.h"

namespace nolabel {

class FolderTest : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    observer.log = [this](Severity, const std::string& text) { said += text + "\n"; };
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

  LoadOptions options;
  std::string said;  // every message, one per line
};

}  // namespace nolabel
