#include "nolabel/image/resize.h"

#include <algorithm>
#include <cstring>

#include "nolabel/base/error.h"
#include "nolabel/image/resample.h"

namespace nolabel {
namespace {

void check_request(ImageView source, const Box& box, int height, int width) {
  if (height < 1 || width < 1) {
    fail_usage("a resize needs a target of at least 1 x 1. Received {} x {}.", width, height);
  }
  const bool inside = box.left >= 0 && box.top >= 0 && box.right <= source.width &&
                      box.bottom <= source.height && box.left < box.right && box.top < box.bottom;
  if (!inside) {
    fail_usage("a resize box must lie inside the {} x {} image. Received ({}, {}, {}, {}).",
               source.width, source.height, box.left, box.top, box.right, box.bottom);
  }
}

Image copy(ImageView source, int top, int left, int height, int width) {
  Image out(height, width);
  for (int y = 0; y < height; ++y) {
    std::memcpy(&out.pixels[static_cast<size_t>(y) * width * 3], source.pixel(top + y, left),
                static_cast<size_t>(width) * 3);
  }
  return out;
}

// difference / 2, rounded half to even (Python's round).
int centre_offset(int difference) {
  const int half = difference / 2;
  return difference % 2 == 0 || half % 2 == 0 ? half : half + 1;
}

// The source positions of `length` target positions on [from, to), summed up step by step as
// Pillow does, so that the same pixels are taken.
void nearest_positions(float from, float to, int length, std::vector<int>& positions) {
  const double step = (static_cast<double>(to) - from) / length;
  double position = from + step * 0.5;
  positions.resize(length);
  for (int& p : positions) {
    p = static_cast<int>(position);
    position += step;
  }
}

}  // namespace

struct ResizeScratch::Buffers {
  Taps horizontal, vertical;
  std::vector<int> columns, lines;  // of nearest
  std::vector<uint8_t> rows;        // between the passes, [rows that the second needs, width, 3]
};

ResizeScratch::ResizeScratch() : buffers_(std::make_unique<Buffers>()) {}
ResizeScratch::~ResizeScratch() = default;

namespace {

void resize_nearest(ImageView source, const Box& box, int height, int width, uint8_t* out,
                    ResizeScratch::Buffers& buffers) {
  nearest_positions(static_cast<float>(box.left), static_cast<float>(box.right), width,
                    buffers.columns);
  nearest_positions(static_cast<float>(box.top), static_cast<float>(box.bottom), height,
                    buffers.lines);
  for (const int y : buffers.lines) {
    for (const int x : buffers.columns) out = std::copy_n(source.pixel(y, x), 3, out);
  }
}

}  // namespace

void resize_into(ImageView source, const Box& box, int height, int width, uint8_t* out,
                 ResizeScratch& scratch, Interpolation interpolation) {
  check_request(source, box, height, width);
  if (interpolation == Interpolation::nearest) {
    return resize_nearest(source, box, height, width, out, scratch.buffers());
  }
  Taps &horizontal = scratch.buffers().horizontal, &vertical = scratch.buffers().vertical;
  std::vector<uint8_t>& rows = scratch.buffers().rows;
  // Pillow's boxes are single precision.
  const float left = static_cast<float>(box.left), right = static_cast<float>(box.right);
  const float top = static_cast<float>(box.top), bottom = static_cast<float>(box.bottom);
  const bool changes_width = width != source.width || left != 0 || right != source.width;
  const bool changes_height = height != source.height || top != 0 || bottom != source.height;
  const size_t out_row_bytes = static_cast<size_t>(width) * 3;

  if (!changes_height) {
    if (!changes_width) {
      std::memcpy(out, source.data, out_row_bytes * height);
      return;
    }
    compute_taps(source.width, left, right, width, interpolation, horizontal);
    resample_rows(source.data, source.width, height, horizontal, out);
    return;
  }
  compute_taps(source.height, top, bottom, height, interpolation, vertical);
  if (!changes_width) {
    resample_columns(source.data, width * 3, vertical, out);
    return;
  }
  compute_taps(source.width, left, right, width, interpolation, horizontal);
  const int first_row = vertical.first.front();
  const int row_count = vertical.first.back() + vertical.count.back() - first_row;
  rows.resize(out_row_bytes * row_count);
  resample_rows(source.pixel(first_row, 0), source.width, row_count, horizontal, rows.data());
  for (int32_t& first : vertical.first) first -= first_row;
  resample_columns(rows.data(), width * 3, vertical, out);
}

Image resize(ImageView source, const Box& box, int height, int width) {
  check_request(source, box, height, width);
  ResizeScratch scratch;
  Image out(height, width);
  resize_into(source, box, height, width, out.pixels.data(), scratch);
  return out;
}

Image resize(ImageView source, int height, int width) {
  return resize(source, {0, 0, double(source.width), double(source.height)}, height, width);
}

Image resize_short_side(ImageView source, int length, Interpolation interpolation) {
  const int shorter = std::min(source.height, source.width);
  if (shorter == length) return copy(source, 0, 0, source.height, source.width);
  const auto scaled = [&](int side) {
    return side == shorter ? length : static_cast<int>(int64_t{side} * length / shorter);
  };
  const Box whole{0, 0, double(source.width), double(source.height)};
  const int height = scaled(source.height), width = scaled(source.width);
  check_request(source, whole, height, width);
  ResizeScratch scratch;
  Image out(height, width);
  resize_into(source, whole, height, width, out.pixels.data(), scratch, interpolation);
  return out;
}

Image centre_crop(ImageView source, int height, int width) {
  if (height < 1 || width < 1 || height > source.height || width > source.width) {
    fail_usage("a crop must lie inside the {} x {} image. Received {} x {}.", source.width,
               source.height, width, height);
  }
  return copy(source, centre_offset(source.height - height), centre_offset(source.width - width),
              height, width);
}

}  // namespace nolabel
