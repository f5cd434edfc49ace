#include "nolabel/report/prototypes_sheet.h"

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/image/contact_sheet.h"
#include "nolabel/report/draw.h"
#include "nolabel/report/font.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

constexpr Color kEmpty{238, 240, 244};
constexpr int kSide = 144;  // of the square that a picture is fitted into
constexpr int kCaption = 18, kSheetMargin = 8;

// A picture with a line of text below it.
Image captioned(ImageView picture, const std::string& name) {
  Image cell(kSide + kCaption, kSide);
  fill(cell, {0, 0, cell.width, cell.height}, kPaper);
  if (picture.data == nullptr) {
    fill(cell, {0, 0, kSide, kSide}, kEmpty);
  } else {
    const Image fitted = fit(picture, kSide);
    paste(cell, fitted.view(), (kSide - fitted.width) / 2, (kSide - fitted.height) / 2);
  }
  const std::string caption = shortened(name, kSide / kGlyphWidth);
  draw_text(cell, caption, (kSide - text_width(caption, 1)) / 2, kSide + 5, 1, kInk);
  return cell;
}

}  // namespace

Image prototypes_sheet(const Dataset& images, const std::vector<int64_t>& prototypes,
                       const std::vector<std::string>& cluster_names) {
  NOLABEL_ASSERT(prototypes.size() == cluster_names.size());
  std::vector<Image> cells;
  for (size_t k = 0; k < prototypes.size(); ++k) {
    const DatasetImage picture =
        prototypes[k] < 0 ? DatasetImage(ImageView{}) : images.image(prototypes[k]);
    cells.push_back(captioned(picture.view(), cluster_names[k]));
  }
  std::vector<ImageView> views;
  for (const Image& cell : cells) views.push_back(cell.view());
  const double columns = std::ceil(std::sqrt(static_cast<double>(cells.size())));
  return contact_sheet(views, static_cast<int>(columns), kSheetMargin);
}

}  // namespace nolabel
