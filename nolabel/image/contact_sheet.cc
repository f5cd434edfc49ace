#include "nolabel/image/contact_sheet.h"

#include <algorithm>
#include <cstring>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr uint8_t kBackground = 255;

void paste(ImageView image, int top, int left, Image& sheet) {
  for (int y = 0; y < image.height; ++y) {
    const size_t at = (static_cast<size_t>(top + y) * sheet.width + left) * 3;
    std::memcpy(&sheet.pixels[at], image.pixel(y, 0), static_cast<size_t>(image.width) * 3);
  }
}

}  // namespace

Image contact_sheet(const std::vector<ImageView>& images, int columns, int margin) {
  if (images.empty() || columns < 1 || margin < 0) {
    fail_usage(
        "a contact sheet needs images, at least 1 column and a margin of at least 0. "
        "Received {} images, {} columns, margin {}.",
        images.size(), columns, margin);
  }
  int height = 0, width = 0;  // of a cell, without margin
  for (const ImageView& image : images) {
    height = std::max(height, image.height);
    width = std::max(width, image.width);
  }
  const int used = std::min(columns, static_cast<int>(images.size()));
  const int rows = (static_cast<int>(images.size()) + columns - 1) / columns;
  Image sheet(margin + rows * (height + margin), margin + used * (width + margin));
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), kBackground);
  for (int i = 0; i < static_cast<int>(images.size()); ++i) {
    const int top = margin + i / columns * (height + margin) + (height - images[i].height) / 2;
    const int left = margin + i % columns * (width + margin) + (width - images[i].width) / 2;
    paste(images[i], top, left, sheet);
  }
  return sheet;
}

}  // namespace nolabel
