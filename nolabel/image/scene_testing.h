// Private to tests: random pictures with shapes of every size, as photos have them.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "nolabel/image/image.h"
#include "nolabel/image/resize.h"

namespace nolabel {

// Random values of `cells` x `cells`, enlarged, for each size of shapes; the smaller, the weaker.
inline Image scene(uint64_t seed, int height = 180, int width = 240) {
  std::mt19937_64 random(seed);
  std::vector<double> sum(static_cast<size_t>(height) * width * 3, 0);
  for (int cells = 3; cells <= 48; cells *= 2) {
    Image shapes(cells, cells);
    for (uint8_t& level : shapes.pixels) level = static_cast<uint8_t>(random() % 256);
    const Image large = resize(shapes.view(), height, width);
    const double weight = std::pow(cells, -0.7);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += weight * (large.pixels[i] - 128);
  }
  Image picture(height, width);
  for (size_t i = 0; i < sum.size(); ++i) {
    picture.pixels[i] = static_cast<uint8_t>(std::clamp(128 + sum[i], 0.0, 255.0));
  }
  return picture;
}

// The picture without these shares of its left, top, right and bottom.
inline Image cropped(const Image& picture, double left, double top, double right, double bottom) {
  const Box box{left * picture.width, top * picture.height, (1 - right) * picture.width,
                (1 - bottom) * picture.height};
  return resize(picture.view(), box, static_cast<int>(box.bottom - box.top),
                static_cast<int>(box.right - box.left));
}

// Independent levels.
inline Image noise_picture(uint64_t seed, int height = 180, int width = 240) {
  std::mt19937_64 random(seed);
  Image picture(height, width);
  for (uint8_t& level : picture.pixels) level = static_cast<uint8_t>(random() % 256);
  return picture;
}

}  // namespace nolabel
