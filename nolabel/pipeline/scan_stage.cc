#include "nolabel/pipeline/scan_stage.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/pipeline/earlier_clusters.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/in_environment.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/threads_for_heads.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/processor/compute_threads.h"
#include "nolabel/run/mined_features.h"
#include "nolabel/run/training_stage.h"
#include "nolabel/train/loop.h"

namespace nolabel {
namespace {

// What is known of features once, when the stage begins, holds only while the backbone is frozen.
void require_frozen(int cached_views, FeatureNormalization normalization, bool head_only,
                    const Backbone& backbone) {
  if (head_only) return;
  if (backbone.program) {
    fail_usage(
        "update_cluster_head_only is required, because the backbone {} is a program, which is "
        "never trained. Add --update-cluster-head-only.",
        backbone.program->file().string());
  }
  if (cached_views > 0) {
    fail_usage(
        "cached_views requires update_cluster_head_only, because training the backbone changes its "
        "features. Received cached_views {}.",
        cached_views);
  }
  if (normalization != FeatureNormalization::none) {
    fail_usage(
        "feature_normalization requires update_cluster_head_only, because training the backbone "
        "changes the mean of its features. Received feature_normalization center.");
  }
}

// Artifacts from before these settings are those of their first values: the hashes stay.
nlohmann::json without_default(nlohmann::json settings) {
  if (settings.value("feature_normalization", "") == "none") {
    settings.erase("feature_normalization");
  }
  if (settings.value("start", "") == "random") settings.erase("start");
  if (settings.value("size_prior", "") == "uniform") settings.erase("size_prior");
  return settings;
}

// Heads on cached features are a matter of seconds: what processes had to tell each other would
// take longer than the work.
std::shared_ptr<Group> group_for(int cached_views, const Environment& environment) {
  return cached_views > 0 ? single_process() : environment.group;
}

std::optional<FeatureShift> shift_of(FeatureNormalization normalization,
                                     const ClusterInputs& inputs, Model& model,
                                     const Environment& environment) {
  if (normalization == FeatureNormalization::none) return std::nullopt;
  return measure_shift(inputs.features(model, environment.observer));
}

// Gives the model's heads the weights of the first heads in the file of the stage consensus.
void begin_with_heads_of(const std::filesystem::path& file, Model& model) {
  const StateDict state = read_model_weights(file).state;
  const std::vector<Model::ClusterHead> heads = model.cluster_heads();
  for (size_t head = 0; head < heads.size(); ++head) {
    const std::string name = format("cluster_head.{}", head);
    const at::Tensor* weight = find_tensor(state, name + ".weight");
    const at::Tensor* bias = find_tensor(state, name + ".bias");
    if (!weight || !bias || weight->sizes() != heads[head].weight.sizes()) {
      fail_usage(
          "{} must hold {} heads of this backbone's {} features and {} clusters to begin with. It "
          "does not. Use --force to make it again.",
          file.string(), heads.size(), heads[head].weight.size(1), heads[head].weight.size(0));
    }
    heads[head].weight.copy_(*weight);
    heads[head].bias.copy_(*bias);
  }
}

// Shares [H,C] of the images: each head's clusters have those of the communities that they share
// most images with, halfway to equal shares. All of the way, even clusters of weak features lost
// two points of ACC (docs/method.md). Without `features` [N,D] the heads are random, and any order
// of the communities is as good.
at::Tensor community_shares(const RunDirectory& run, const std::optional<at::Tensor>& features,
                            Model& model, const Environment& environment) {
  const int clusters = model.settings().clusters;
  const std::vector<int64_t> communities = communities_of_run(run, clusters, environment);
  std::vector<at::Tensor> shares;
  const c10::NoGradGuard no_grad;
  for (int head = 0; head < model.settings().heads; ++head) {
    std::vector<int64_t> assigned = communities;
    if (features) {
      const at::Tensor now =
          model.logits(features->to(model.device()), head).argmax(1).cpu().contiguous();
      assigned.assign(now.const_data_ptr<int64_t>(), now.const_data_ptr<int64_t>() + now.numel());
    }
    shares.push_back(at::tensor(matched_shares(communities, assigned, clusters)));
  }
  return (at::stack(shares) + 1.0 / clusters) / 2;
}

// Of a table that is padded (neighbor_table.h): draws are among what is there.
void say_padding(const Matrix<int64_t>& table, int neighbors, const Observer& observer) {
  int64_t shorter = 0;
  for (int64_t i = 0; i < table.rows; ++i) {
    const int64_t named =
        table.columns - std::count(table.row(i), table.row(i) + table.columns, no_neighbor);
    shorter += named < neighbors + 1;
  }
  if (shorter == 0) return;
  observer.note(
      format("scan: {} of {} rows of the neighbor table have fewer than {} neighbors (the other "
             "entries are -1); training draws only from the neighbors in the row",
             shorter, table.rows, neighbors));
}

// Neighbors that another backbone found are allowed, but rarely meant.
void warn_of_other_features(const std::filesystem::path& file, const Subject& subject,
                            const Observer& observer) {
  const nlohmann::json made_from = sidecar_provenance(file);
  if (!made_from.is_object()) return;
  const std::string mined_from =
      MinedFeatures::parse(
          made_from.value("inputs", nlohmann::json::object()).value("features", ""))
          .backbone_hash;
  if (mined_from.empty() || mined_from == subject.backbone_hash) return;
  observer.warn(format(
      "scan: the neighbors in {} were mined on the features of another backbone than {}. Run "
      "`nolabel mine --force` to mine them on the features of this backbone",
      file.string(), backbone_name(subject.backbone)));
}

}  // namespace

void check_clusters(int64_t clusters, int64_t images) {
  if (images < 2) fail_data("clustering needs at least 2 images. There is {}.", images);
  if (clusters >= 2 && clusters <= images) return;
  fail_usage("clusters must be 2..{}, at most as many as there are images that train. Received {}.",
             images, clusters);
}

bool run_scan(const RunDirectory& run, const ClusterStageInputs& inputs, int clusters,
              const ScanStageSettings& asked, const Environment& environment) {
  ScanStageSettings settings = asked;
  settings.normalization = settled(asked.normalization, asked.scan.head_only);
  const Subject& subject = *inputs.subject;
  require_frozen(settings.cached_views, settings.normalization, settings.scan.head_only,
                 subject.backbone);
  check_clusters(clusters, inputs.train->size());
  const Matrix<int64_t> neighbors =
      required_table(run.train_neighbors(), subject.data_fingerprint, "scan", environment);
  const Matrix<int64_t> validation_neighbors =
      required_table(run.validation_neighbors(), subject.data_fingerprint, "scan", environment);
  check_neighbor_table(neighbors, inputs.train->size(), settings.scan.neighbors);
  check_neighbor_table(validation_neighbors, inputs.validation->size(), 1);
  warn_of_other_features(run.train_neighbors(), subject, environment.observer);
  say_padding(neighbors, settings.scan.neighbors, environment.observer);
  Provenance provenance{.stage = "scan",
                        .settings = without_default(result_values(settings)),
                        .data = subject.data_fingerprint,
                        .inputs = {{"backbone", subject.backbone_hash},
                                   {"train_neighbors", file_hash(run.train_neighbors())},
                                   {"validation_neighbors", file_hash(run.validation_neighbors())}},
                        .seed = environment.seed,
                        .names = {{"backbone", backbone_name(subject.backbone)}}};
  provenance.settings["num_classes"] = clusters;
  provenance.settings.update(
      batch_norm_values(settings.train, *group_for(settings.cached_views, environment)));
  const std::filesystem::path start = run.model(stage_name(ClusterStage::consensus));
  const bool from_consensus = settings.start == ScanStart::consensus;
  if (from_consensus) {
    if (!std::filesystem::exists(start)) {
      fail_usage("scan with start consensus needs {}. It does not exist.", start.string());
    }
    provenance.inputs["start"] = file_hash(start);
  }

  return run_training_stage(run, "scan", provenance, environment, [&](const auto& directory) {
    write_backbone_metadata(directory / "model.pth.tar", subject.backbone);
    Model model = subject.make_model(clusters, settings.heads, environment);
    const Observer silent = environment.observer.silent();
    const auto shift = shift_of(settings.normalization, *inputs.train, model, environment);
    if (from_consensus) begin_with_heads_of(start, model);
    at::Tensor prior;
    if (settings.size_prior == SizePrior::communities) {
      std::optional<at::Tensor> features;
      if (from_consensus) features = inputs.train->features(model, silent);
      prior = community_shares(run, features, model, environment);
    }
    if (from_consensus && shift) unfold_heads(model, *shift);
    ScanTask task(settings.scan,
                  inputs.train->random_views(model, training_recipe(settings.views),
                                             StageNumber::scan, settings.cached_views),
                  neighbors,
                  {.features = [&](Model& now) { return inputs.validation->features(now, silent); },
                   .neighbors = validation_neighbors},
                  directory / "model.pth.tar", environment.seed, shift, prior);
    const ComputeThreads threads(
        threads_for_heads(model, settings.cached_views > 0, settings.train.batch_size));
    train(task, model, in_environment(settings.train, environment), directory, environment.observer,
          group_for(settings.cached_views, environment));
  });
}

bool run_selflabel(const RunDirectory& run, const ClusterStageInputs& inputs,
                   const SelflabelStageSettings& asked, const Environment& environment) {
  SelflabelStageSettings settings = asked;
  settings.normalization = settled(asked.normalization, asked.selflabel.head_only);
  const Subject& subject = *inputs.subject;
  require_frozen(settings.cached_views, settings.normalization, settings.selflabel.head_only,
                 subject.backbone);
  const std::filesystem::path scan = run.model("scan");
  if (!std::filesystem::exists(scan)) {
    fail_usage("selflabel starts from a SCAN model. {} does not exist; run `nolabel scan` first.",
               scan.string());
  }
  Provenance provenance{.stage = "selflabel",
                        .settings = without_default(result_values(settings)),
                        .data = subject.data_fingerprint,
                        .inputs = {{"scan", file_hash(scan)}},
                        .seed = environment.seed};
  provenance.settings.update(
      batch_norm_values(settings.train, *group_for(settings.cached_views, environment)));

  return run_training_stage(run, "selflabel", provenance, environment, [&](const auto& directory) {
    const WeightsInFile weights = read_model_weights(scan);
    counting_head(weights.best_head, cluster_head_count(weights.state), scan, environment.observer);
    const StateDict state = best_head_state(weights);
    write_backbone_metadata(directory / "model.pth.tar", subject.backbone);
    Model model = subject.make_model(required_cluster_count(state, scan), 1, environment);
    model.load_state_dict(state);
    const auto shift = shift_of(settings.normalization, *inputs.train, model, environment);
    if (shift) unfold_heads(model, *shift);
    const bool cached = settings.cached_views > 0;
    SelflabelTask task(settings.selflabel, inputs.train->plain_views(model, cached),
                       inputs.train->random_views(model, training_recipe(settings.views),
                                                  StageNumber::selflabel, settings.cached_views),
                       directory / "model.pth.tar", shift);
    const ComputeThreads threads(threads_for_heads(model, cached, settings.train.batch_size));
    train(task, model, in_environment(settings.train, environment), directory, environment.observer,
          group_for(settings.cached_views, environment));
  });
}

}  // namespace nolabel
