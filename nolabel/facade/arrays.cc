#include "nolabel/arrays.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "nolabel/base/available_memory.h"
#include "nolabel/evaluate/label_evaluation.h"
#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/pipeline/cluster_identities.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/processor/computing.h"
#include "nolabel/weights/weights_file.h"
#include "nolabel/weights/weights_in.h"

namespace nolabel {
namespace {

// The caller's memory. Nobody writes to it: LibTorch has no tensors of constant values.
at::Tensor tensor_of(RowsView rows, const char* name) {
  if (rows.rows < 1 || rows.columns < 1 || !rows.values) {
    fail_usage("{} must have rows and columns. Received [{}, {}].", name, rows.rows, rows.columns);
  }
  return at::from_blob(const_cast<float*>(rows.values), {rows.rows, rows.columns}, at::kFloat);
}

int usable_threads(int threads, const Observer& observer) {
  return make_environment({.device = "cpu", .threads = threads}, observer).threads;
}

SearchOptions search_options(const NeighborOptions& options, int count, const Observer& observer) {
  if (options.memory_mb < 1) {
    fail_usage("memory_mb must be at least 1. Received {}.", options.memory_mb);
  }
  return {.count = count,
          .normalise = options.normalize,
          .memory_bytes = int64_t{options.memory_mb} << 20,
          .threads = usable_threads(options.threads, observer)};
}

void require_neighbors(int neighbors, int64_t most) {
  if (neighbors < 1 || neighbors > most) {
    fail_usage("neighbors must be 1..{}, because there are so many other rows. Received {}.", most,
               neighbors);
  }
}

// `copies` of indices and similarities are there at a time.
void require_room(int64_t rows, int neighbors, int copies) {
  constexpr double bytes = sizeof(int64_t) + sizeof(float);
  require_memory(static_cast<double>(rows) * neighbors * copies * bytes,
                 format("the {} neighbors of {} rows", neighbors, rows));
}

// Without the row itself; where the row is not among its matches, because rows like it stand there,
// without the last.
Neighbors without_itself(const Nearest& nearest) {
  const int64_t rows = nearest.indices.rows, columns = nearest.indices.columns - 1;
  Neighbors result{Matrix<int64_t>(rows, columns), Matrix<float>(rows, columns)};
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t* found = nearest.indices.row(i);
    const int64_t itself = std::find(found, found + columns, i) - found;
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t from = j + (j >= itself ? 1 : 0);
      result.indices.at(i, j) = nearest.indices.at(i, from);
      result.similarities.at(i, j) = nearest.similarities.at(i, from);
    }
  }
  return result;
}

int count_of(std::span<const int> numbers, const char* name) {
  for (const int number : numbers) {
    if (number < 0) fail_data("{} must be 0 or more. Received {}.", name, number);
  }
  return *std::ranges::max_element(numbers) + 1;
}

std::string type_name(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "float32";
    case at::kDouble:
      return "float64";
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    case at::kLong:
      return "int64";
    case at::kInt:
      return "int32";
    case at::kShort:
      return "int16";
    case at::kChar:
      return "int8";
    case at::kByte:
      return "uint8";
    case at::kBool:
      return "bool";
    default:
      fail_data("tensors must be of a type that NumPy or PyTorch has. Received {}.",
                c10::toString(type));
  }
}

NamedArray array_of(const NamedTensor& named) {
  const auto tensor = std::make_shared<at::Tensor>(named.tensor.contiguous());
  return {.name = named.name,
          .type = type_name(tensor->scalar_type()),
          .shape = tensor->sizes().vec(),
          .bytes = std::shared_ptr<const void>(tensor, tensor->const_data_ptr()),
          .size = tensor->nbytes()};
}

}  // namespace

Neighbors nearest_neighbors(RowsView rows, const NeighborOptions& options,
                            const Observer& observer) {
  Neighbors neighbors;
  facade_call([&] {
    const at::Tensor all = tensor_of(rows, "rows");
    require_neighbors(options.neighbors, rows.rows - 1);
    require_room(rows.rows, options.neighbors + 1, 2);
    const Observer serial = one_at_a_time(observer);
    neighbors = without_itself(find_nearest_to_each_other(
        all, search_options(options, options.neighbors + 1, serial), serial));
  });
  return neighbors;
}

Neighbors nearest_neighbors(RowsView queries, RowsView database, const NeighborOptions& options,
                            const Observer& observer) {
  Neighbors neighbors;
  facade_call([&] {
    const at::Tensor asked = tensor_of(queries, "queries"), known = tensor_of(database, "database");
    require_neighbors(options.neighbors, database.rows);
    require_room(queries.rows, options.neighbors, 1);
    const Observer serial = one_at_a_time(observer);
    Nearest nearest =
        find_nearest(asked, known, search_options(options, options.neighbors, serial), serial);
    neighbors = {std::move(nearest.indices), std::move(nearest.similarities)};
  });
  return neighbors;
}

Agreement agreement(std::span<const int> clusters, std::span<const int> classes) {
  Agreement result;
  facade_call([&] {
    if (clusters.size() != classes.size() || clusters.empty()) {
      fail_data(
          "clusters and classes must be of the same images, at least one. Received {} and {}.",
          clusters.size(), classes.size());
    }
    LabelEvaluation evaluation = evaluate_labels(clusters, count_of(clusters, "clusters"), classes,
                                                 count_of(classes, "classes"));
    result = {evaluation.acc, evaluation.nmi, evaluation.ami, evaluation.ari,
              std::move(evaluation.matching)};
  });
  return result;
}

LinearModel linear_model(const std::filesystem::path& run) {
  LinearModel model;
  facade_call([&] {
    const Environment environment = make_environment({.device = "cpu", .precision = "fp32"}, {});
    const TrainedModel trained = load_trained_model(run, "final", 0, environment);
    if (trained.model.settings().backbone.takes_images()) {
      fail_usage("{} must be a run that was made from features. It was made from images.",
                 run.string());
    }
    const Model::ClusterHead head = trained.model.cluster_heads().at(trained.head);
    const int clusters = trained.model.settings().clusters;
    const at::Tensor bias = head.bias.contiguous();
    model = {
        .weight = to_matrix(head.weight),
        .bias = {bias.const_data_ptr<float>(), bias.const_data_ptr<float>() + clusters},
        .clusters = named_clusters(trained.identities.empty() ? identities_of(RunState(), clusters)
                                                              : trained.identities),
        .stage = trained.stage};
  });
  return model;
}

Matrix<float> logits(const LinearModel& model, RowsView rows, int threads) {
  Matrix<float> result;
  facade_call([&] {
    const at::Tensor features = tensor_of(rows, "rows");
    const int64_t clusters = model.weight.rows;
    if (rows.columns != model.weight.columns || std::ssize(model.bias) != clusters) {
      fail_usage("rows must have {} columns, as the model has. They have {}.", model.weight.columns,
                 rows.columns);
    }
    const c10::NoGradGuard no_grad;
    const Computing computing(usable_threads(threads, {}));
    const at::Tensor weight =
        tensor_of({model.weight.values.data(), clusters, model.weight.columns}, "weight")
            .to(at::kDouble);
    const at::Tensor bias =
        at::from_blob(const_cast<float*>(model.bias.data()), {clusters}, at::kFloat)
            .to(at::kDouble);
    result = Matrix<float>(rows.rows, clusters);
    const at::Tensor all = at::from_blob(result.values.data(), {rows.rows, clusters}, at::kFloat);
    // A product of matrices sums in another order for another number of rows. Sums in float64 that
    // are rounded to fp32 do not show this: a row's cluster must not depend on other rows.
    constexpr int64_t block = 4096;  // rows that are there in float64 at a time
    for (int64_t first = 0; first < rows.rows; first += block) {
      const int64_t count = std::min(block, rows.rows - first);
      all.narrow(0, first, count)
          .copy_(at::linear(features.narrow(0, first, count).to(at::kDouble), weight, bias));
    }
  });
  return result;
}

Matrix<float> probabilities(const LinearModel& model, RowsView rows, int threads) {
  Matrix<float> result = logits(model, rows, threads);
  for (int64_t i = 0; i < result.rows; ++i) {
    float* row = result.row(i);
    const float most = *std::max_element(row, row + result.columns);
    double sum = 0;
    for (int64_t j = 0; j < result.columns; ++j) sum += std::exp(double{row[j]} - most);
    for (int64_t j = 0; j < result.columns; ++j) {
      row[j] = static_cast<float>(std::exp(double{row[j]} - most) / sum);
    }
  }
  return result;
}

std::vector<NamedArray> load_weights(const std::filesystem::path& file) {
  std::vector<NamedArray> arrays;
  facade_call([&] {
    for (const NamedTensor& named : weights_in(read_weights_file(file), file.string())) {
      arrays.push_back(array_of(named));
    }
  });
  return arrays;
}

}  // namespace nolabel
