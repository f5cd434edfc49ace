#include "nolabel/report/confusion_picture.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/report/draw.h"

namespace nolabel {
namespace {

constexpr Color kFaint{232, 235, 240};
constexpr int kMargin = 24;
constexpr int kLongestName = 22;  // characters

// White to deep blue; square root, so that small confusions stay visible.
Color shade(float share) {
  const float t = std::sqrt(std::clamp(share, 0.f, 1.f));
  const auto mix = [t](int from, int to) {
    return static_cast<uint8_t>(
        std::lround(static_cast<float>(from) + t * static_cast<float>(to - from)));
  };
  return {mix(250, 20), mix(251, 52), mix(253, 120)};
}

struct Layout {
  int cell;       // side of a square
  int scale;      // of the text; 0: no names
  bool percents;  // written into the cells
  int left, top;  // of the matrix
  int width, height;
};

Layout lay_out(const Matrix<float>& confusion, const std::vector<std::string>& rows,
               const std::vector<std::string>& columns) {
  Layout l{};
  const auto classes = static_cast<int>(confusion.rows);
  // From large squares for a handful of classes down to 2 pixels for a thousand.
  l.cell = std::clamp(1400 / std::max(classes, 1), 2, 56);
  l.scale = l.cell >= 20 ? 2 : l.cell >= 10 ? 1 : 0;
  l.percents = l.cell >= 40;
  int names_left = 0, names_above = 0;
  for (const auto& name : rows) names_left = std::max(names_left, text_width(name, l.scale));
  for (const auto& name : columns) names_above = std::max(names_above, text_width(name, l.scale));
  const int axis = text_height(2) + 12;  // "true class", "cluster matched with"
  l.left = kMargin + axis + names_left + 8;
  l.top = kMargin + axis + names_above + 8;
  l.width = l.left + static_cast<int>(confusion.columns) * l.cell + kMargin;
  l.height = l.top + classes * l.cell + kMargin;
  return l;
}

void draw_cell(Image& picture, const Layout& l, int row, int column, float share) {
  const int left = l.left + column * l.cell, top = l.top + row * l.cell;
  const int gap = l.cell >= 10 ? 1 : 0;
  fill(picture, {left, top, l.cell - gap, l.cell - gap}, shade(share));
  const int percent = static_cast<int>(std::lround(share * 100));
  if (!l.percents || percent == 0) return;
  const std::string text = std::to_string(percent);
  draw_text(picture, text, left + (l.cell - text_width(text, 2)) / 2 + 1,
            top + (l.cell - text_height(2)) / 2 + 1, 2, share > .3f ? kPaper : kInk);
}

void draw_names(Image& picture, const Layout& l, const std::vector<std::string>& rows,
                const std::vector<std::string>& columns) {
  if (l.scale == 0) return;
  const int centre = (l.cell - text_height(l.scale)) / 2;
  for (size_t i = 0; i < rows.size(); ++i) {
    draw_text(picture, rows[i], l.left - 8 - text_width(rows[i], l.scale),
              l.top + static_cast<int>(i) * l.cell + centre, l.scale, kInk);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    draw_text_upwards(picture, columns[i], l.left + static_cast<int>(i) * l.cell + centre,
                      l.top - 8, l.scale, kInk);
  }
}

}  // namespace

Image confusion_picture(const Matrix<float>& confusion,
                        const std::vector<std::string>& class_names) {
  NOLABEL_ASSERT(static_cast<int64_t>(class_names.size()) == confusion.rows);
  std::vector<std::string> rows;
  for (const auto& name : class_names) rows.push_back(shortened(name, kLongestName));
  std::vector<std::string> columns = rows;
  if (confusion.columns > confusion.rows) columns.push_back("(unmatched)");

  const Layout l = lay_out(confusion, rows, columns);
  const std::string above = "cluster, named by its matched class", beside = "true class";
  Image picture(l.height, std::max(l.width, l.left + text_width(above, 2) + kMargin));
  fill(picture, {0, 0, picture.width, picture.height}, kPaper);
  fill(picture,
       {l.left - 1, l.top - 1, static_cast<int>(confusion.columns) * l.cell + 1,
        static_cast<int>(confusion.rows) * l.cell + 1},
       kFaint);
  for (int i = 0; i < confusion.rows; ++i) {
    for (int j = 0; j < confusion.columns; ++j) {
      draw_cell(picture, l, i, j, confusion.at(i, j));
    }
  }
  draw_names(picture, l, rows, columns);
  draw_text(picture, above, l.left, kMargin, 2, kInk);
  draw_text_upwards(picture, beside, kMargin,
                    std::max(l.height - kMargin, kMargin + text_width(beside, 2)), 2, kInk);
  return picture;
}

}  // namespace nolabel
