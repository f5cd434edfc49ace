#include "nolabel/pipeline/method_choice.h"

#include <algorithm>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

struct Candidate {
  ClusterStage stage;
  std::string name;
  double information;  // share, 0..1
  int empty_clusters;
};

// Communities and SCAN sometimes have a little more information than the consensus where that is
// the better one; communities have much more where clusters are of very different sizes
// (docs/method.md).
double credited(const Candidate& candidate) {
  constexpr double credit = 1.0075;
  return candidate.information * (candidate.stage == ClusterStage::consensus ? credit : 1);
}

// " with 2 empty clusters", or nothing.
std::string empty_text(const Candidate& candidate) {
  const int count = candidate.empty_clusters;
  return count == 0 ? "" : format(" with {} empty cluster{}", count, count == 1 ? "" : "s");
}

std::string reason_of(const Candidate& best, const std::vector<Candidate>& candidates) {
  std::string others;
  for (const Candidate& candidate : candidates) {
    if (candidate.stage == best.stage) continue;
    others += format("{}{} {:.1f} %{}", others.empty() ? "" : ", ", candidate.name,
                     candidate.information * 100, empty_text(candidate));
  }
  return format(
      "{} is kept{}: its clusters and those of neighbors have {:.1f} % of information in "
      "common ({}){}",
      best.name, empty_text(best), best.information * 100, others,
      credited(best) > best.information ? "; another way must have 0.75 % more than the consensus"
                                        : "");
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

Method possible_method(Method method, Effort effort) {
  const bool possible =
      effort != Effort::full || method == Method::scan || method == Method::selflabel;
  return possible ? method : Method::automatic;
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

Choice choose_stage(const ClusteredSplit& train, const std::vector<ClusterStage>& stages) {
  const auto may_be_chosen = [&stages](std::optional<ClusterStage> stage) {
    const bool asked_for =
        std::ranges::find(stages, stage.value_or(ClusterStage::kmeans)) != stages.end();
    return stage ? asked_for : !asked_for;
  };
  std::vector<Candidate> candidates;
  for (size_t row = 0; row < train.clusterings.size(); ++row) {
    const Clustering& clustering = train.clusterings[row];
    if (!may_be_chosen(clustering.stage)) continue;
    const ClusterStatistics& statistics = train.figures[row].statistics;
    NOLABEL_ASSERT(statistics.neighbor_information.has_value());
    candidates.push_back({clustering.stage.value_or(ClusterStage::kmeans), clustering.name,
                          *statistics.neighbor_information, statistics.empty_clusters});
  }
  const Candidate& best = *std::ranges::max_element(candidates, {}, credited);
  return {best.stage, reason_of(best, candidates)};
}

}  // namespace nolabel
