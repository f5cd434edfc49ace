// Where the pixels of a sheared, moved or rotated image come from: Pillow's nearest-neighbor affine
// transform in 16.16 fixed point, so that the same pixels are taken. Outside the image is black.
#pragma once

#include <cmath>
#include <cstdint>

#include "nolabel/base/host_device.h"

namespace nolabel {

// Output pixel (x, y) is source pixel (column >> 16, row >> 16) with
//   column = x * column_per_x + y * column_per_y + column0, and the same for row.
struct Affine {
  int column_per_x, column_per_y, column0;
  int row_per_x, row_per_y, row0;
};

struct SourcePosition {
  int x, y;
};

NOLABEL_HOST_DEVICE inline SourcePosition source_position(const Affine& a, int x, int y) {
  return {(x * a.column_per_x + y * a.column_per_y + a.column0) >> 16,
          (x * a.row_per_x + y * a.row_per_y + a.row0) >> 16};
}

// The real matrix, applied to pixel centres. Views are far smaller than the 32,768 pixels that
// 16.16 can address.
inline Affine affine(double column_per_x, double column_per_y, double column, double row_per_x,
                     double row_per_y, double row) {
  const auto fixed = [](double v) { return static_cast<int>(std::floor(v * 65536.0 + 0.5)); };
  return {fixed(column_per_x),
          fixed(column_per_y),
          fixed(column + column_per_x * 0.5 + column_per_y * 0.5),
          fixed(row_per_x),
          fixed(row_per_y),
          fixed(row + row_per_x * 0.5 + row_per_y * 0.5)};
}

// About the top-left corner: row y moves left by `shear` * y.
inline Affine shear_x(double shear) {
  return affine(1, shear, 0, 0, 1, 0);
}
inline Affine shear_y(double shear) {
  return affine(1, 0, 0, shear, 1, 0);
}

// By whole pixels, to the left and up for positive values. Pillow rounds a move to pixels before
// any fixed point comes in.
inline Affine translate(double columns, double rows) {
  return affine(1, 0, std::floor(columns + 0.5), 0, 1, std::floor(rows + 0.5));
}

// Counter-clockwise about the centre, keeping the size.
inline Affine rotate(double degrees, int height, int width) {
  const double angle = -degrees * (3.14159265358979323846 / 180.0);
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const double x = width / 2.0, y = height / 2.0;
  return affine(cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y);
}

}  // namespace nolabel
