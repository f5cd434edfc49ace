#include "nolabel/report/picture_sheet.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/report/draw.h"
#include "nolabel/report/font.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

constexpr Color kPaper{255, 255, 255}, kInk{28, 32, 40}, kEmpty{238, 240, 244};
constexpr int kGap = 12;
constexpr int kTextScale = 1;
constexpr int kCaption = 14;  // pixels for a line of text below a picture

void draw_cell(Image& sheet, const SheetCell& cell, int left, int top, int side) {
  if (cell.image.data == nullptr) {
    fill(sheet, {left, top, side, side}, kEmpty);
  } else {
    const Image fitted = fit(cell.image, side);
    paste(sheet, fitted.view(), left + (side - fitted.width) / 2, top + (side - fitted.height) / 2);
  }
  const std::string caption = shortened(cell.caption, side / (kGlyphWidth * kTextScale));
  draw_text(sheet, caption, left + (side - text_width(caption, kTextScale)) / 2, top + side + 5,
            kTextScale, kInk);
}

}  // namespace

Image picture_sheet(const std::vector<SheetCell>& cells, const SheetStyle& style) {
  const int count = std::max(static_cast<int>(cells.size()), 1);
  const int columns = style.columns > 0
                          ? std::min(style.columns, count)
                          : static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count))));
  const int rows = (count + columns - 1) / columns;
  const int across = style.side + kGap, down = style.side + kCaption + kGap;
  Image sheet(kGap + rows * down, kGap + columns * across);
  fill(sheet, {0, 0, sheet.width, sheet.height}, kPaper);
  for (size_t i = 0; i < cells.size(); ++i) {
    const int cell = static_cast<int>(i);
    draw_cell(sheet, cells[i], kGap + cell % columns * across, kGap + cell / columns * down,
              style.side);
  }
  return sheet;
}

Image prototypes_sheet(const Dataset& images, const std::vector<int64_t>& prototypes,
                       const std::vector<std::string>& cluster_names) {
  NOLABEL_ASSERT(prototypes.size() == cluster_names.size());
  std::vector<SheetCell> cells;
  for (size_t k = 0; k < prototypes.size(); ++k) {
    cells.push_back(
        {prototypes[k] < 0 ? ImageView{} : images.image(prototypes[k]), cluster_names[k]});
  }
  return picture_sheet(cells);
}

}  // namespace nolabel
