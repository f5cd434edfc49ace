#include "nolabel/pipeline/group_stages.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/cluster/communities.h"
#include "nolabel/cluster/consensus.h"
#include "nolabel/cluster/information_head.h"
#include "nolabel/cluster/neighbor_graph.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/pipeline/earlier_clusters.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/head_model.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/record/renamed.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/mined_features.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path metric_file(const RunDirectory& run) {
  return run.stage("metric") / "metric.safetensors";
}

// Of other images than the metric was fitted on.
fs::path neighbors_now_file(const RunDirectory& run) {
  return run.stage("metric") / "neighbors-now.npy";
}

// Of the communities' graph.
constexpr int64_t graph_neighbors = 15;
// Partitions into communities: 8 at least for their own consensus.
// Above 64 clusters there are fewer of all runs, because their overlaps are a matrix.
int partition_count(int64_t images, int clusters) {
  return (images < 4000 ? 16 : 8) * consensus_runs(clusters) / consensus_runs(2);
}
// Of them, those that stand beside 32 runs of k-means in the metric. With some the consensus is not
// below k-means where clusters are of different sizes, and few of them cost nothing where they are
// even (docs/method.md). The metric of few images is less certain, so more of them stand beside it.
int partitions_beside_metric(int64_t images) {
  return static_cast<int>(std::clamp<int64_t>(32'000 / images, 4, 16));
}
// Of how groups are found and heads are fitted (numbers of runs, epochs, rates): change it with
// them, so that heads of an earlier recipe are not taken for those of this one.
constexpr int recipe_version = 2;
// Between the seeds of heads: further than the partitions of one head reach.
constexpr uint64_t seeds_apart = 1'000'003;

constexpr const char* tensor_names[] = {"mean", "map", "offset"};

const at::Tensor& compared_features(const SubjectSplit& split) {
  return split.averaged.defined() ? split.averaged : split.features;
}

// What they are, for provenance.
std::string compared(const Subject& subject) {
  return MinedFeatures{subject.backbone_hash, true, subject.train.averaged_views,
                       subject.train.views}
      .text();
}

StateDict tensors_of(const NeighborMetric& metric) {
  StateDict named;
  const std::vector<at::Tensor> tensors = metric.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) named.push_back({tensor_names[i], tensors[i]});
  return named;
}

NeighborMetric read_metric(const fs::path& file) {
  const StateDict state = to_state_dict(read_weights_file(file), file.string());
  std::vector<at::Tensor> tensors;
  for (const char* name : tensor_names) {
    const at::Tensor* tensor = find_tensor(state, name);
    if (!tensor) fail_data("{} must hold the tensor {}. It does not.", file.string(), name);
    tensors.push_back(*tensor);
  }
  return NeighborMetric(std::move(tensors));
}

// What an earlier call left under --force, and no call will make again.
void remove_artifact(const fs::path& file) {
  std::error_code absent;
  fs::remove(file, absent);
  fs::remove(sidecar_of(file), absent);
}

// Inputs in the sidecar of `file`; an empty object where there is none.
nlohmann::json inputs_of(const fs::path& file) {
  if (!fs::exists(file)) return nlohmann::json::object();
  const nlohmann::json made_from = sidecar_provenance(file);
  if (!made_from.is_object()) return nlohmann::json::object();
  return made_from.value("inputs", nlohmann::json::object());
}

NeighborSearch search_of(const MineSettings& search, const Environment& environment,
                         const Observer& observer) {
  return [&search, &environment, &observer](const at::Tensor& rows, int neighbors) {
    MiningOptions options = mining_options(search, rows.size(0), neighbors, environment.threads);
    options.group = environment.group;
    return mine_neighbors(rows.contiguous(), options, observer).table;
  };
}

}  // namespace

NeighborGraph graph_of_table(const RunDirectory& run) {
  const Matrix<int64_t> table = read_npy_int64(run.train_neighbors());
  return neighbor_graph(table,
                        static_cast<int>(std::min<int64_t>(graph_neighbors, table.columns - 1)));
}

ClusterCount count_clusters_of(const RunDirectory& run, const Environment& environment) {
  ClusterCount count;
  run_unsaved("estimating the number of clusters", Ended::kept, environment.observer,
              [&](const Observer& observer) {
                count = estimate_cluster_count(graph_of_table(run), environment.seed, observer);
              });
  return count;
}

std::vector<int64_t> communities_of_run(const RunDirectory& run, int clusters,
                                        const Environment& environment) {
  return communities_of_count(graph_of_table(run), clusters, {.seed = environment.seed},
                              environment.observer);
}

RunMetric run_metric(const RunDirectory& run, const Subject& subject, const MineSettings& search,
                     const Environment& environment) {
  const at::Tensor& features = compared_features(subject.train);
  const Matrix<int64_t> table = required_table(run.train_neighbors(), subject.data_fingerprint,
                                               "the neighbor metric", environment);
  NeighborMetricOptions options = metric_options(features.size(0));
  options.neighbors = static_cast<int>(std::min<int64_t>(options.neighbors, table.columns - 1));
  const Provenance provenance{.stage = "metric",
                              .settings = {{"neighbors", options.neighbors},
                                           {"passes", options.passes},
                                           {"ridge", options.ridge},
                                           {"dimensions", options.dimensions}},
                              .data = subject.data_fingerprint,
                              .inputs = {{"features", compared(subject)},
                                         {"train_neighbors", file_hash(run.train_neighbors())}},
                              .seed = 0};
  if (fs::exists(metric_file(run)) &&
      artifact_state(run.metric_neighbors(), provenance, environment) != ArtifactState::missing) {
    return {read_metric(metric_file(run)), read_npy_int64(run.metric_neighbors())};
  }
  const auto start = std::chrono::steady_clock::now();
  std::optional<FittedMetric> fitted;
  run_unsaved("fitting the neighbor metric", Ended::kept, environment.observer,
              [&](const Observer& observer) {
                const Observer named = renamed(observer, "neighbor metric");
                fitted = fit_neighbor_metric(features, table, options,
                                             search_of(search, environment, named), named);
              });
  make_directory(run.stage("metric"));
  remove_artifact(run.metric_neighbors());  // a kill between the two files leaves no mixture
  write_safetensors(metric_file(run), tensors_of(fitted->metric), {});
  write_npy(run.metric_neighbors(), fitted->neighbors);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  write_sidecar(run.metric_neighbors(), provenance, environment, seconds.count());
  return {std::move(fitted->metric), std::move(fitted->neighbors)};
}

std::optional<RunMetric> kept_metric(const RunDirectory& run, const Subject& subject) {
  const nlohmann::json inputs = inputs_of(run.metric_neighbors());
  if (inputs.value("train_neighbors", "") != file_hash(run.train_neighbors()) ||
      MinedFeatures::parse(inputs.value("features", "")).backbone_hash != subject.backbone_hash ||
      !fs::exists(metric_file(run))) {
    return std::nullopt;
  }
  return RunMetric{read_metric(metric_file(run)), read_npy_int64(run.metric_neighbors())};
}

bool has_consensus(const RunDirectory& run, const Subject& subject, int clusters, int heads) {
  const fs::path file = run.model(stage_name(ClusterStage::consensus));
  const nlohmann::json inputs = inputs_of(file), settings = sidecar_settings(file);
  return settings.is_object() && settings.value("num_classes", 0) == clusters &&
         settings.value("num_heads", 0) >= heads && settings.value("recipe", 0) == recipe_version &&
         inputs.value("backbone", "") == subject.backbone_hash &&
         inputs.value("metric", "") == file_hash(run.metric_neighbors());
}

std::optional<Matrix<int64_t>> kept_metric_neighbors(const RunDirectory& run,
                                                     const Subject& subject) {
  const fs::path fitted = run.metric_neighbors(), now = neighbors_now_file(run);
  if (!fs::exists(fitted)) return std::nullopt;
  const bool of_now = !is_of_data(fitted, subject.data_fingerprint);
  if (of_now && (inputs_of(now).value("metric", "") != file_hash(fitted) ||
                 !is_of_data(now, subject.data_fingerprint))) {
    return std::nullopt;
  }
  Matrix<int64_t> neighbors = read_npy_int64(of_now ? now : fitted);
  if (neighbors.rows != subject.train.features.size(0)) return std::nullopt;
  return neighbors;
}

std::optional<int> views_of_metric(const RunDirectory& run, const Subject& subject) {
  const auto made_of =
      MinedFeatures::parse(inputs_of(run.metric_neighbors()).value("features", ""));
  if (made_of.backbone_hash != subject.backbone_hash || !fs::exists(metric_file(run))) {
    return std::nullopt;
  }
  return made_of.averaged_views;
}

void keep_metric_neighbors(const RunDirectory& run, const Subject& subject,
                           const MineSettings& search, const Environment& environment) {
  const int64_t images = subject.train.features.size(0);
  const int64_t columns = read_npy_int64(run.metric_neighbors()).columns;
  const auto neighbors = static_cast<int>(std::min(columns - 1, images - 1));
  const fs::path file = neighbors_now_file(run);
  const Provenance provenance{
      .stage = "metric",
      .settings = {{"neighbors", neighbors}},
      .data = subject.data_fingerprint,
      .inputs = {{"features", compared(subject)}, {"metric", file_hash(run.metric_neighbors())}},
      .seed = 0};
  if (is_current(file, provenance)) return;
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor rows = read_metric(metric_file(run)).rows(compared_features(subject.train));
  remove_artifact(file);  // a kill between the two files leaves no mixture
  run_unsaved("finding neighbors in the metric", Ended::kept, environment.observer,
              [&](const Observer& observer) {
                write_npy(file, search_of(search, environment,
                                          renamed(observer, "neighbor metric"))(rows, neighbors));
              });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  write_sidecar(file, provenance, environment, seconds.count());
}

GroupHeads::GroupHeads(const RunDirectory& run, const Subject& subject, const RunMetric& metric,
                       int clusters, const Environment& environment, std::vector<int64_t> earlier)
    : run_(run),
      subject_(subject),
      metric_(metric),
      clusters_(clusters),
      environment_(environment),
      earlier_(std::move(earlier)) {}

const std::vector<std::vector<int64_t>>& GroupHeads::partitions(uint64_t seed,
                                                                const Observer& observer) {
  const auto [place, is_new] = partitions_.try_emplace(seed);
  if (!is_new) return place->second;
  const NeighborGraph graph = graph_of_table(run_);
  place->second = community_partitions(graph, clusters_, partition_count(graph.nodes(), clusters_),
                                       {.seed = seed}, observer);
  const auto left_out = std::erase_if(place->second, [this](const std::vector<int64_t>& partition) {
    return *std::ranges::max_element(partition) + 1 < clusters_;
  });
  if (left_out > 0) {
    environment_.observer.note(format(
        "{} partitions into communities have fewer than {} clusters, and nolabel leaves them out",
        left_out, clusters_));
  }
  return place->second;
}

std::vector<int64_t> GroupHeads::find_clusters(ClusterStage stage, uint64_t seed,
                                               const Observer& observer) {
  if (stage == ClusterStage::kmeans) {
    return assigned_clusters(
        KmeansBaseline(subject_, clusters_, environment_).clustering(subject_.train).probabilities);
  }
  const std::vector<std::vector<int64_t>>& communities = partitions(seed, observer);
  if (stage == ClusterStage::communities) {
    return communities.empty() ? std::vector<int64_t>()
                               : consensus_of(communities, clusters_, seed, observer);
  }
  NOLABEL_ASSERT(stage == ClusterStage::consensus);
  const size_t beside = partitions_beside_metric(metric_.neighbors.rows);
  const std::vector<std::vector<int64_t>> some(
      communities.begin(), communities.begin() + std::min(beside, communities.size()));
  return consensus_clusters(metric_.metric.rows(compared_features(subject_.train)).contiguous(),
                            {.clusters = clusters_, .threads = environment_.threads, .seed = seed},
                            observer, some);
}

InformationHeadOptions GroupHeads::head_options(ClusterStage stage, int64_t images,
                                                uint64_t seed) const {
  InformationHeadOptions options{.clusters = clusters_, .seed = seed};
  if (stage == ClusterStage::kmeans) {
    options.start_steps = 3000;  // the head is to be k-means and no more
    options.epochs = 0;
  } else {
    options.epochs = information_epochs(images);
  }
  return options;
}

bool GroupHeads::make(ClusterStage stage, int heads) {
  const std::string name = stage_name(stage);
  const fs::path file = run_.model(name);
  const Provenance provenance{
      .stage = name,
      .settings = {{"num_classes", clusters_}, {"num_heads", heads}, {"recipe", recipe_version}},
      .data = subject_.data_fingerprint,
      .inputs = {{"backbone", subject_.backbone_hash},
                 {"metric", file_hash(run_.metric_neighbors())}},
      .seed = environment_.seed,
      .names = {{"backbone", backbone_name(subject_.backbone)}}};
  if (artifact_state(file, provenance, environment_) != ArtifactState::missing) return true;
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor& features = subject_.train.features;
  std::vector<LinearHead> fitted;
  bool found = true;
  run_unsaved(stage_title(name), Ended::kept, environment_.observer, [&](const Observer& observer) {
    for (int head = 0; head < heads && found; ++head) {
      const uint64_t seed = environment_.seed + static_cast<uint64_t>(head) * seeds_apart;
      std::vector<int64_t> assignments = find_clusters(stage, seed, observer);
      found = !assignments.empty();
      if (!found) break;
      assignments = numbered_as_earlier(earlier_, std::move(assignments), clusters_);
      fitted.push_back(fit_information_head(features, metric_.neighbors, assignments,
                                            head_options(stage, features.size(0), seed), observer));
    }
  });
  if (!found) {
    remove_artifact(file);
    environment_.observer.note(
        format("{}: the graph of neighbors falls into other than {} clusters, so nolabel leaves "
               "this way out",
               name, clusters_));
    return false;
  }
  write_head_model(run_, name, subject_, fitted, provenance, start, environment_);
  return true;
}

}  // namespace nolabel
