#include "nolabel/pipeline/neighbor_tables.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/pipeline/yardstick.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/training_stage.h"
#include "nolabel/run/what_changed.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// For k = 1, 5, 20 and 50, as far as the table goes.
std::map<int, double> accuracies(const Matrix<int64_t>& table, const std::vector<int>& labels) {
  std::vector<int> ks;
  for (const int k : {1, 5, 20, 50}) {
    if (k < table.columns) ks.push_back(k);
  }
  const std::vector<double> values = neighbor_accuracy(table, labels, ks);
  std::map<int, double> by_k;
  for (size_t i = 0; i < ks.size(); ++i) by_k[ks[i]] = values[i];
  return by_k;
}

// What of a plan determines the table.
nlohmann::json determining(const MiningOptions& plan, FeatureNormalization normalization) {
  nlohmann::json settings = {{"neighbors", plan.neighbors}};
  if (normalization == FeatureNormalization::center) settings["feature_normalization"] = "center";
  if (plan.search == Search::exact) return settings;
  settings["search"] = search_name(plan.search);
  if (plan.search == Search::ivf) {
    settings["ivf_lists"] = plan.lists;
    if (plan.probes != 0) settings["ivf_probes"] = plan.probes;
  } else {
    settings["hnsw_links"] = plan.links;
    settings["hnsw_build_breadth"] = plan.build_breadth;
    if (plan.breadth != 0) settings["hnsw_breadth"] = plan.breadth;
    if (plan.parallel_build) settings["hnsw_parallel_build"] = true;
  }
  if (plan.probes == 0 && plan.breadth == 0) settings["search_recall"] = plan.recall;
  return settings;
}

// The run's pretext was trained for more epochs since the table was mined on it: the table is then
// made anew, because only its features have changed, and not by a choice of another backbone.
bool stale(const RunDirectory& run, const fs::path& table, const Provenance& provenance) {
  const nlohmann::json was = sidecar_provenance(table);
  const bool own_pretext = run.state().backbone.name.empty();
  return own_pretext && was.is_object() && !continued_from(run.model("pretext")).empty() &&
         changed_keys(was, provenance.json()) == std::vector<std::string>{"/inputs/features"};
}

MinedNeighbors mine_one(const RunDirectory& run, const fs::path& file, const MinedImages& images,
                        int neighbors, Provenance provenance, const MineSettings& settings,
                        const Environment& environment) {
  const int64_t count = images.features.size(0);
  if (count < 2) {
    fail_data("mining needs at least 2 images, one to be the neighbor of the other. There is {}.",
              count);
  }
  const int kept = static_cast<int>(std::min<int64_t>(neighbors, count - 1));
  if (kept < neighbors) {
    environment.observer.warn(
        format("mine: {} neighbors were requested, but there are only {} images; nolabel takes {} "
               "neighbors per image",
               neighbors, count, kept));
  }
  MiningOptions options = mining_options(settings, count, kept, environment.threads);
  options.group = environment.group;
  provenance.settings = determining(options, settings.normalization);
  provenance.inputs["features"] = images.made_of;
  if (fs::exists(file) && stale(run, file, provenance)) {
    environment.observer.note(
        format("{}: mined again, because the pretext model was trained further", file.string()));
  } else if (artifact_state(file, provenance, environment) != ArtifactState::missing) {
    return {read_npy_int64(file), sidecar_measured(file, "recall"), std::nullopt};
  }
  const auto start = std::chrono::steady_clock::now();
  MinedNeighbors mined;
  run_unsaved("mining", Ended::kept, environment.observer, [&](const Observer& observer) {
    const bool centered = settings.normalization == FeatureNormalization::center;
    mined = mine_neighbors(centered ? centered_unit_rows(images.features) : images.features,
                           options, observer);
  });
  nlohmann::json measured = nlohmann::json::object();
  if (mined.recall) {
    measured["recall"] = *mined.recall;
    if (*mined.effort == 0) {
      measured["searched"] = search_name(Search::exact);
    } else {
      const char* effort = settings.search == Search::ivf ? "probes" : "breadth";
      measured[effort] = *mined.effort;
      environment.observer.note(
          format("mine: approximate search found {:.2f} % of the true neighbors ({} {})",
                 *mined.recall * 100, effort, *mined.effort));
    }
  }
  write_npy(file, mined.table);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  write_sidecar(file, provenance, environment, seconds.count(), measured);
  return mined;
}

}  // namespace

void require_search(const MineSettings& settings) {
  if (settings.search != Search::exact) require_approximate_search();
}

std::string search_advice(const MineSettings& settings) {
  if (settings.search != Search::exact || !has_approximate_search()) return "";
  return format("--search ivf is faster and finds {:.3g} % of the neighbors",
                settings.recall * 100);
}

MineSettings search_of_table(const nlohmann::json& sidecar_settings) {
  MineSettings search;
  if (!sidecar_settings.is_object()) return search;
  const nlohmann::json& was = sidecar_settings;
  for (const Search way : {Search::ivf, Search::hnsw}) {
    if (was.value("search", "") == search_name(way)) search.search = way;
  }
  search.recall = was.value("search_recall", search.recall);
  search.lists = was.value("ivf_lists", 0);
  search.probes = was.value("ivf_probes", 0);
  search.links = was.value("hnsw_links", 0);
  search.build_breadth = was.value("hnsw_build_breadth", 0);
  search.breadth = was.value("hnsw_breadth", 0);
  search.parallel_build = was.value("hnsw_parallel_build", false);
  return search;
}

MinedTables run_mine(const RunDirectory& run, const MinedImages& train,
                     const MinedImages& validation, const MineSettings& settings,
                     const std::string& data_fingerprint, const Environment& environment) {
  require_search(settings);
  make_directory(run.stage("pretext"));
  const Provenance provenance{
      .stage = "mine", .settings = {}, .data = data_fingerprint, .inputs = {}, .seed = 0};
  const auto [train_table, recall, effort] = mine_one(
      run, run.train_neighbors(), train, settings.neighbors, provenance, settings, environment);
  const auto [validation_table, validation_recall, validation_effort] =
      mine_one(run, run.validation_neighbors(), validation, settings.validation_neighbors,
               provenance, settings, environment);
  MinedTables mined{.images = train_table.rows,
                    .neighbors = static_cast<int>(train_table.columns) - 1,
                    .accuracy = {},
                    .validation_accuracy = {},
                    .recall = recall,
                    .validation_recall = validation_recall};
  if (!train.labels.empty()) mined.accuracy = accuracies(train_table, train.labels);
  if (!validation.labels.empty()) {
    mined.validation_accuracy = accuracies(validation_table, validation.labels);
  }
  return mined;
}

MiningOptions mining_options(const MineSettings& settings, int64_t images, int neighbors,
                             int threads) {
  MiningOptions options{.neighbors = neighbors,
                        .normalise = true,
                        .memory_bytes = static_cast<int64_t>(settings.memory_mb) << 20,
                        .threads = threads,
                        .search = settings.search,
                        .recall = settings.recall};
  // The smaller table may have fewer images than there should be lists or probes.
  options.lists = static_cast<int>(std::min<int64_t>(settings.lists, images));
  options.links = settings.links;
  options.build_breadth = settings.build_breadth;
  options.breadth = settings.breadth;
  options.parallel_build = settings.parallel_build;
  options.advice = settings.advice;
  MiningOptions plan = plan_mining(options, images);
  plan.probes = std::min(settings.probes, plan.lists);
  return plan;
}

Matrix<int64_t> required_table(const fs::path& file, const std::string& data, const char* who,
                               const Environment& environment) {
  if (!fs::exists(file)) {
    fail_usage("{} needs a neighbor table. {} does not exist; run `nolabel mine` first.", who,
               file.string());
  }
  if (!is_of_data(file, data)) {
    const std::string& change = environment.data_change;
    fail_usage(
        "the neighbor table must belong to these images. {} was mined on other images{}. Run "
        "`nolabel mine --force` first.",
        file.string(), change.empty() ? "" : " (the images changed: " + change + ")");
  }
  return read_npy_int64(file);
}

std::optional<Matrix<int64_t>> table_of(const fs::path& file, const std::string& data_fingerprint,
                                        int64_t images, const Environment& environment,
                                        std::optional<RunSplit> split) {
  const auto without = [&environment](const std::string& why) {
    environment.observer.note("neighbor agreement is left out, because " + why);
    return std::nullopt;
  };
  if (!fs::exists(file)) return without(file.string() + " does not exist");
  if (!is_of_data(file, data_fingerprint, split)) {
    return without(file.string() + " was mined on other images");
  }
  Matrix<int64_t> table = read_npy_int64(file);
  if (table.rows != images) {
    return without(
        format("{} is about {} images, these are {}", file.string(), table.rows, images));
  }
  check_neighbor_table(table, images, 1);
  return table;
}

}  // namespace nolabel
