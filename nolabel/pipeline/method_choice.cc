#include "nolabel/pipeline/method_choice.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/cluster/information_loss.h"
#include "nolabel/pipeline/figures.h"

namespace nolabel {
namespace {

struct Candidate {
  ClusterStage stage;
  std::string name;
  double information;  // share, 0..1
  int empty_clusters;
};

Candidate candidate_of(ClusterStage stage, const Clustering& clustering,
                       const Matrix<int64_t>& neighbors) {
  const std::vector<int64_t> assignments = assigned_clusters(clustering.probabilities);
  const auto clusters = static_cast<int>(clustering.probabilities.columns);
  std::vector<bool> used(clusters, false);
  for (const int64_t cluster : assignments) used[cluster] = true;
  return {.stage = stage,
          .name = clustering.name,
          .information = neighbor_information(assignments, clusters, neighbors).share,
          .empty_clusters = static_cast<int>(std::ranges::count(used, false))};
}

// Communities often have a little more information than the consensus where that is the better one,
// and much more where clusters are of very different sizes (docs/method.md).
double credited(const Candidate& candidate) {
  constexpr double credit = 1.01;
  return candidate.information * (candidate.stage == ClusterStage::consensus ? credit : 1);
}

bool better(const Candidate& one, const Candidate& other) {
  const bool complete = one.empty_clusters == 0, other_complete = other.empty_clusters == 0;
  if (complete != other_complete) return complete;
  return credited(one) > credited(other);
}

std::string reason_of(const Candidate& best, const std::vector<Candidate>& candidates) {
  std::string others;
  for (const Candidate& candidate : candidates) {
    if (candidate.stage == best.stage) continue;
    others += format("{}{} {:.1f} %", others.empty() ? "" : ", ", candidate.name,
                     candidate.information * 100);
    if (candidate.empty_clusters > 0) {
      others += format(" with {} empty clusters", candidate.empty_clusters);
    }
  }
  const bool complete =
      best.empty_clusters == 0 && std::ranges::any_of(candidates, [](const Candidate& candidate) {
        return candidate.empty_clusters > 0;
      });
  return format(
      "{} is kept: its clusters and those of neighbors have {:.1f} % of information in "
      "common ({}){}{}",
      best.name, best.information * 100, others,
      credited(best) > best.information ? "; another way must have 1 % more than the consensus"
                                        : "",
      complete ? "; ways with empty clusters come last" : "");
}

}  // namespace

const char* method_name(Method method) {
  const std::optional<ClusterStage> stage = stage_of(method);
  return stage ? stage_name(*stage) : "auto";
}

std::optional<ClusterStage> stage_of(Method method) {
  switch (method) {
    case Method::automatic:
      return std::nullopt;
    case Method::kmeans:
      return ClusterStage::kmeans;
    case Method::consensus:
      return ClusterStage::consensus;
    case Method::communities:
      return ClusterStage::communities;
    case Method::scan:
      return ClusterStage::scan;
    case Method::selflabel:
      return ClusterStage::selflabel;
  }
  return std::nullopt;
}

std::vector<ClusterStage> stages_of(Method method, bool frozen) {
  using enum ClusterStage;
  if (!frozen) {
    if (method == Method::scan) return {scan};
    if (method == Method::automatic || method == Method::selflabel) return {scan, selflabel};
    fail_usage(
        "method must be auto, scan or selflabel with --effort full, which trains the backbone. "
        "Received {}.",
        stage_name(*stage_of(method)));
  }
  switch (method) {
    case Method::automatic:
      return {consensus, communities, scan, selflabel};
    case Method::selflabel:
      return {consensus, scan, selflabel};
    case Method::scan:
      return {consensus, scan};
    default:
      return {*stage_of(method)};
  }
}

Choice choose_stage(const RunDirectory& run, const Subject& subject,
                    const Matrix<int64_t>& metric_neighbors,
                    const std::vector<ClusterStage>& stages, int clusters,
                    const Environment& environment) {
  std::vector<std::string> names;
  for (const ClusterStage stage : stages) names.emplace_back(stage_name(stage));
  const std::vector<Clustering> models =
      model_clusterings(run, subject, subject.train, names, environment);
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < models.size(); ++i) {
    candidates.push_back(candidate_of(stages[i], models[i], metric_neighbors));
  }
  const Clustering kmeans =
      KmeansBaseline(subject, clusters, environment).clustering(subject.train);
  candidates.push_back(candidate_of(ClusterStage::kmeans, kmeans, metric_neighbors));
  const Candidate& best = *std::ranges::max_element(
      candidates, [](const Candidate& a, const Candidate& b) { return better(b, a); });
  return {best.stage, reason_of(best, candidates)};
}

}  // namespace nolabel
