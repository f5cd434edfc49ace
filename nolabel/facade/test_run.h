// Private to the tests of this folder: a place of their own, and the error that a call ends with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "nolabel/base/file.h"
#include "nolabel/base/random.h"
#include "nolabel/image/encode.h"
#include "nolabel/image/image.h"
#include "nolabel/nolabel.h"

namespace nolabel {

// Noise around the class's color, class 0..2.
inline Image colored_picture(int height, int width, int label, int number) {
  Random random(3, Purpose::sample, static_cast<uint32_t>(label), static_cast<uint32_t>(number));
  Image image(height, width);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const bool own_channel = static_cast<int>(i % 3) == label;
    image.pixels[i] = static_cast<uint8_t>(random.uniform(0, 60) + (own_channel ? 180 : 20));
  }
  return image;
}

class RunTest : public testing::Test {
 protected:
  static constexpr int classes = 3;

  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  // Writes root/pictures/CLASS/0.png and so on.
  void write_pictures(int per_class, Image (*picture)(int label, int number)) const {
    for (int label = 0; label < classes; ++label) {
      const auto folder = root / "pictures" / std::to_string(label);
      std::filesystem::create_directories(folder);
      for (int i = 0; i < per_class; ++i) {
        write_file(folder / (std::to_string(i) + ".png"), encode_png(picture(label, i).view()));
      }
    }
  }

  // The fault that `call` ends with, which must be an Error.
  template <class Call>
  static Fault fault_of(const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.fault();
    }
    ADD_FAILURE() << "no error";
    return Fault::internal;
  }

  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / ("nolabel_facade_" + std::to_string(getpid()));
};

}  // namespace nolabel
