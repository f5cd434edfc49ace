#include "nolabel/pipeline/predict_features.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/data/list_file.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/matrix_tensor.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int64_t block = 4096;  // rows whose logits are there at a time

Matrix<float> probabilities_of(TrainedModel& trained, const at::Tensor& rows) {
  const c10::NoGradGuard no_grad;
  const int64_t clusters = trained.model.settings().clusters;
  const at::Tensor all = at::empty({rows.size(0), clusters}, at::kFloat);
  for (int64_t first = 0; first < rows.size(0); first += block) {
    const int64_t count = std::min(block, rows.size(0) - first);
    const at::Tensor some = rows.narrow(0, first, count).to(trained.model.device());
    all.narrow(0, first, count)
        .copy_(trained.model.logits(some, trained.head).to(at::kFloat).softmax(1));
  }
  return to_matrix(all);
}

}  // namespace

Prediction predict_features(TrainedModel& trained, const fs::path& features, const fs::path& paths,
                            const Observer& observer) {
  const BackboneDescription& backbone = trained.model.settings().backbone;
  if (backbone.takes_images()) {
    fail_usage(
        "--features needs a model that was made from features. This one was made from images and "
        "takes images.");
  }
  const at::Tensor rows = to_tensor(read_features(features));
  if (rows.size(1) != backbone.dimensions()) {
    fail_usage("{} must have {} values per row, as the run's features have. It has {}.",
               features.string(), backbone.dimensions(), rows.size(1));
  }
  Prediction prediction;
  if (paths.empty()) {
    for (int64_t i = 0; i < rows.size(0); ++i) prediction.names.push_back(std::to_string(i));
  } else {
    const ListTable table = read_list_table(paths);
    for (const std::string& warning : table.warnings) observer.warn(warning);
    prediction.names = listed_names(paths.parent_path(), table.rows);
  }
  if (std::ssize(prediction.names) != rows.size(0)) {
    fail_usage("--paths must name each row of --features. {} names {} rows, the features have {}.",
               paths.string(), prediction.names.size(), rows.size(0));
  }
  for (const std::string& name : prediction.names) {
    const fs::path file = paths.parent_path() / name;
    if (paths.empty() || !fs::is_regular_file(file)) {
      prediction.no_file = name;
      prediction.files.clear();
      break;
    }
    prediction.files.push_back(file);
  }
  prediction.probabilities = probabilities_of(trained, rows);
  prediction.assignments = assign(prediction.probabilities);
  prediction.identities = trained.identities;
  const Matrix<float> values = to_matrix(rows);
  for (int64_t i = 0; i < values.rows; ++i) {
    prediction.contents.push_back(row_content(values, i));
  }
  return prediction;
}

}  // namespace nolabel
