// For the tests of this folder: reads testdata/, which tools/golden/augment.py made with Pillow and
// torchvision. The files are text, one case a line, and raw numbers beside it.
#pragma once

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/augment/draw.h"
#include "nolabel/image/image.h"

namespace nolabel::golden {

inline std::ifstream open(const std::string& name) {
  std::ifstream file(std::string(NOLABEL_TEST_DATA "/") + name, std::ios::binary);
  if (!file) throw std::runtime_error("missing test data: " + name);
  return file;
}

inline std::vector<std::istringstream> lines(const std::string& name) {
  std::ifstream file = open(name);
  std::vector<std::istringstream> result;
  for (std::string line; std::getline(file, line);) result.emplace_back(line);
  return result;
}

// The next `count` numbers of a raw file.
template <class T>
std::vector<T> take(std::ifstream& file, size_t count) {
  std::vector<T> values(count);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(count * sizeof(T)));
  if (!file) throw std::runtime_error("test data ends early");
  return values;
}

inline std::vector<Image> images() {
  std::vector<Image> result;
  std::ifstream pixels = open("images.rgb");
  for (auto& line : lines("images.txt")) {
    int height, width;
    line >> height >> width;
    Image image(height, width);
    image.pixels = take<uint8_t>(pixels, image.pixels.size());
    result.push_back(std::move(image));
  }
  return result;
}

inline StrongKind strong_kind(std::string_view name) {
  constexpr std::array<std::string_view, strong_kinds> names{
      "identity",    "autocontrast", "equalize",   "rotate",    "solarize",
      "color",       "contrast",     "brightness", "sharpness", "shear_x",
      "translate_x", "translate_y",  "posterize",  "shear_y"};
  for (int i = 0; i < strong_kinds; ++i) {
    if (names[i] == name) return static_cast<StrongKind>(i);
  }
  throw std::runtime_error("unknown operation: " + std::string(name));
}

inline ColorAdjustment adjustment(std::string_view name) {
  if (name == "jitter_brightness") return ColorAdjustment::brightness;
  if (name == "jitter_contrast") return ColorAdjustment::contrast;
  if (name == "jitter_saturation") return ColorAdjustment::saturation;
  if (name == "jitter_hue") return ColorAdjustment::hue;
  throw std::runtime_error("unknown adjustment: " + std::string(name));
}

}  // namespace nolabel::golden
