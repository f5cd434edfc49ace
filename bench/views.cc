// bench_views RECIPE IMAGES.npy: random views of small images [N, 32*32*3] on one core.
#include <string>
#include <vector>

#include "measure.h"
#include "nolabel/augment/view.h"
#include "nolabel/base/npy.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  constexpr int kSide = 32;
  ViewRecipe recipe;
  recipe.strategy = std::string(argv[1]) == "ours" ? Strategy::ours : Strategy::simclr;
  recipe.size = kSide;

  const Matrix<float> values = read_npy_float(argv[2]);
  std::vector<Image> images(values.rows, Image(kSide, kSide));
  for (int64_t i = 0; i < values.rows; ++i) {
    const auto row = values.values.begin() + i * values.columns;
    images[i].pixels.assign(row, row + values.columns);
  }
  const Dataset dataset = make_dataset(images, std::vector<std::string>(images.size()));
  std::vector<ViewRequest> requests(values.rows);
  std::vector<float> views(values.values.size());
  uint32_t epoch = 0;  // other parameters in every call
  const double seconds = bench::seconds_per_call([&] {
    for (int64_t i = 0; i < values.rows; ++i) {
      requests[i].image = i;
      requests[i].key = {.epoch = epoch, .position = static_cast<uint32_t>(i)};
    }
    make_views(dataset, requests, recipe, /*threads=*/1, views.data());
    ++epoch;
  });
  bench::report("views", static_cast<double>(values.rows) / seconds, "views/s");
}
