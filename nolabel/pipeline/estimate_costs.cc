#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/threads.h"
#include "nolabel/cluster/consensus.h"
#include "nolabel/cluster/information_head.h"
#include "nolabel/cluster/kmeans.h"
#include "nolabel/cluster/scan_task.h"
#include "nolabel/evaluate/cluster_statistics.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/in_environment.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/threads_for_heads.h"
#include "nolabel/processor/compute_threads.h"
#include "nolabel/report/embedding_map.h"
#include "nolabel/report/gallery.h"
#include "nolabel/report/thumbnails.h"
#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/step.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The mean of some repetitions, after one that warms up.
template <class Work>
double mean_seconds(int repetitions, const Work& work) {
  work();
  return seconds_of([&] {
           for (int i = 0; i < repetitions; ++i) work();
         }) /
         repetitions;
}

std::vector<int64_t> first_indices(int64_t count) {
  std::vector<int64_t> indices(static_cast<size_t>(count));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

// Heads on features of `images` made-up images, trained and validated as a run does it.
class MadeUpHeads {
 public:
  MadeUpHeads(const Backbone& backbone, int clusters, int heads, int64_t images,
              const Environment& environment)
      : model_({.kind = ModelSettings::Kind::clustering,
                .backbone = given_features(backbone.network.dimensions()),
                .clusters = clusters,
                .heads = heads},
               0),
        features_(at::randn({images, backbone.network.dimensions()})) {
    model_.place(environment.device, environment.precision);
  }

  std::unique_ptr<InputSource> inputs() const {
    return std::make_unique<CachedFeatures>(features_.unsqueeze(0), 0, StageNumber::features);
  }

  // Every image is the neighbor of those before it.
  Matrix<int64_t> neighbors(int count) const {
    Matrix<int64_t> table(features_.size(0), count + 1);
    for (int64_t i = 0; i < table.rows; ++i) {
      for (int64_t k = 0; k <= count; ++k) table.at(i, k) = (i + k) % table.rows;
    }
    return table;
  }

  // Seconds of one step.
  double step(Task& task, const TrainSettings& train) {
    task.choose_parameters(model_);
    TrainingStep step(task, model_, train, single_process(),
                      recording_of_steps(model_, train, *single_process()));
    const std::vector<int64_t> batch =
        first_indices(std::min<int64_t>(train.batch_size, features_.size(0)));
    const ComputeThreads threads(threads_for_heads(model_, true, train.batch_size));
    const auto run = [&] {
      step.run({.epoch = 0, .first_position = 0, .samples = batch}, train.optimizer.learning_rate)
          .total.item<float>();
    };
    if (model_.device().is_cuda()) {
      for (int i = 0; i < TrainingStep::steps_until_recorded; ++i) run();
    }
    constexpr int repetitions = 8;
    return mean_seconds(repetitions, run);
  }

  Model& model() { return model_; }
  const at::Tensor& features() const { return features_; }

 private:
  Model model_;
  const at::Tensor features_;
};

void measure_heads(FeatureCosts& costs, const Backbone& backbone, const ClusterSettings& settings,
                   int clusters, int64_t images, const Environment& environment) {
  SelflabelSettings frozen = settings.selflabel.selflabel;
  frozen.head_only = true;
  ScanSettings scan = settings.scan.scan;
  scan.head_only = true;
  scan.neighbors = static_cast<int>(std::min<int64_t>(scan.neighbors, images - 1));
  {
    MadeUpHeads heads(backbone, clusters, settings.scan.heads, images, environment);
    const ScanTask::Validation validation{
        .features = [&](Model&) { return heads.features(); },
        .neighbors = heads.neighbors(
            static_cast<int>(std::min<int64_t>(settings.mine.validation_neighbors, images - 1)))};
    ScanTask task(scan, heads.inputs(), heads.neighbors(scan.neighbors), validation, "", 0);
    costs.scan_step = heads.step(task, in_environment(settings.scan.train, environment));
    const ComputeThreads threads(
        threads_for_heads(heads.model(), true, settings.scan.train.batch_size));
    costs.validated_image =
        mean_seconds(2, [&] { task.validate(heads.model(), 0); }) / static_cast<double>(images);
  }
  MadeUpHeads head(backbone, clusters, 1, images, environment);
  SelflabelTask task(frozen, head.inputs(), head.inputs(), "");
  costs.selflabel_step = head.step(task, in_environment(settings.selflabel.train, environment));
}

// A stage appends a line for each epoch.
double record_seconds(const fs::path& directory) {
  const fs::path file = directory / ".estimate";
  const std::string line(500, ' ');
  const double seconds = mean_seconds(3, [&] { append_to_file(file, line + "\n", Flush::later); });
  std::error_code ignored;  // an empty line more or less beside the results harms nobody
  fs::remove(file, ignored);
  return seconds;
}

// As a report with room for large pictures shows them: large photos are read again.
double picture_seconds(const Dataset& images, const fs::path& root, int threads) {
  constexpr int64_t few = 8;
  const Dataset some = some_of(images, few);
  return seconds_of([&] {
           parallel_for(some.size(), threads, 1, [&](int64_t i, int64_t) {
             const fs::path file = root.empty() ? fs::path() : root / some.name(i);
             thumbnail_of(&some, i, file, largest_shown_side);
           });
         }) /
         static_cast<double>(some.size());
}

void measure_figures(FeatureCosts& costs, const Backbone& backbone, int clusters, int64_t images,
                     const Environment& environment) {
  const auto compared = static_cast<double>(images);
  const at::Tensor features = at::randn({images, backbone.network.dimensions()});
  const Matrix<float> rows = to_matrix(features);
  std::vector<int> assigned;
  for (int64_t i = 0; i < images; ++i) assigned.push_back(static_cast<int>(i % clusters));
  costs.silhouette_pair =
      mean_seconds(1, [&] { silhouette(assigned, rows, {.threads = environment.threads}); }) /
      (compared * compared);
  costs.mapped_pair =
      mean_seconds(1, [&] { embedding_map(rows, images, 0, environment.threads); }) /
      (compared * compared);
  const int restarts = KmeansOptions{}.restarts;
  costs.clustered_image = mean_seconds(1,
                                       [&] {
                                         kmeans(features, {.clusters = clusters, .restarts = 1},
                                                environment.observer.silent());
                                       }) *
                          restarts / compared;
}

void measure_groups(FeatureCosts& costs, const Backbone& backbone, int clusters, int64_t images,
                    const Environment& environment) {
  const auto count = static_cast<double>(images);
  constexpr int some_runs = 4;
  const Observer silent = environment.observer.silent();
  const at::Tensor features = at::randn({images, backbone.network.dimensions()});
  const at::Tensor rows = unit_rows(features);
  costs.compared_pair =
      mean_seconds(1,
                   [&] {
                     find_nearest_to_each_other(rows, {.count = 2, .threads = environment.threads},
                                                silent);
                   }) /
      (count * count);
  std::vector<int64_t> found;
  costs.grouped_image =
      mean_seconds(1,
                   [&] {
                     found = consensus_clusters(
                         rows,
                         {.clusters = clusters, .runs = some_runs, .threads = environment.threads},
                         silent);
                   }) /
      count * consensus_runs(clusters) / some_runs;
}

// Heads take larger batches of more images, and their time depends on the components that they
// learn from: so many made-up images of so many dimensions stand for a run of `images`.
void measure_fits(FeatureCosts& costs, int clusters, int64_t images,
                  const Environment& environment) {
  constexpr int64_t most = 4000, components = 256;
  const int64_t count = std::clamp<int64_t>(images, clusters, std::max<int64_t>(most, clusters));
  const at::Tensor features = at::randn({count, components});
  Matrix<int64_t> neighbors(count, 2);
  std::vector<int64_t> found;
  for (int64_t i = 0; i < count; ++i) {
    neighbors.at(i, 0) = i;
    neighbors.at(i, 1) = (i + 1) % count;
    found.push_back(i % clusters);
  }
  // Of an epoch alone: the head's components are found once.
  const auto fit_seconds = [&](int epochs) {
    return mean_seconds(1, [&] {
      fit_information_head(features, neighbors, found,
                           {.clusters = clusters, .start_steps = 1, .epochs = epochs},
                           environment.observer.silent());
    });
  };
  constexpr int more = 4;
  costs.fitted_image =
      std::max(0.0, fit_seconds(1 + more) - fit_seconds(1)) / (more * static_cast<double>(count));
}

}  // namespace

Dataset some_of(const Dataset& images, int64_t count) {
  count = std::min(count, images.size());
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back(i * images.size() / count);
  return images.subset(indices);
}

ViewCosts measure_views(Model& model, const ViewRecipe& plain_recipe, const ViewSettings& views,
                        const Dataset& images, double seconds, const Environment& environment) {
  constexpr int64_t first = 8, most = 256;
  const BankOptions plain{
      .recipe = plain_recipe, .key = {}, .threads = environment.threads, .purpose = "measuring"};
  BankOptions drawn = plain;
  drawn.recipe = training_recipe(views);
  drawn.recipe.size = plain.recipe.size;
  const Observer silent = environment.observer.silent();
  const Dataset few = some_of(images, first);
  const double rough = mean_seconds(1, [&] { extract(model, few, drawn, silent); }) /
                       static_cast<double>(few.size());
  const auto affordable = static_cast<int64_t>(seconds / 2 / std::max(rough, 1e-9));
  const Dataset some = some_of(images, std::clamp(affordable, first, most));
  const auto count = static_cast<double>(some.size());
  return {.plain = seconds_of([&] { extract(model, some, plain, silent); }) / count,
          .drawn = seconds_of([&] { extract(model, some, drawn, silent); }) / count};
}

FeatureCosts measure_features(const Backbone& backbone, const ClusterSettings& settings,
                              int clusters, const ImagesAhead& images, const fs::path& directory,
                              const Environment& environment) {
  constexpr int64_t most = 256;
  const int64_t count =
      std::clamp<int64_t>(images.train, clusters, std::max<int64_t>(most, clusters));
  FeatureCosts costs;
  measure_heads(costs, backbone, settings, clusters, count, environment);
  measure_figures(costs, backbone, clusters, count, environment);
  measure_groups(costs, backbone, clusters, count, environment);
  measure_fits(costs, clusters, images.train, environment);
  costs.epoch = record_seconds(directory);
  costs.pictured_image = picture_seconds(images.sample, images.root, environment.threads);
  return costs;
}

}  // namespace nolabel
