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
  int64_t clusters;

  // Where the images have fewer groups than a person asks for, the better clustering leaves some
  // cluster empty; where most are empty, it is not what the person asked for.
  bool has_enough_clusters() const { return int64_t{10} * empty_clusters <= clusters; }
};

// Communities and SCAN sometimes have a little more information than the consensus where that is
// the better one; communities have much more where clusters are of very different sizes
// (docs/method.md).
double credited(const Candidate& candidate) {
  constexpr double credit = 1.0075;
  return candidate.information * (candidate.stage == ClusterStage::consensus ? credit : 1);
}

bool better(const Candidate& one, const Candidate& other) {
  const bool enough = one.has_enough_clusters();
  if (enough != other.has_enough_clusters()) return enough;
  return credited(one) > credited(other);
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
  const bool some_passed_over = best.has_enough_clusters() &&
                                !std::ranges::all_of(candidates, &Candidate::has_enough_clusters);
  return format(
      "{} is kept{}: its clusters and those of neighbors have {:.1f} % of information in "
      "common ({}){}{}",
      best.name, empty_text(best), best.information * 100, others,
      credited(best) > best.information ? "; another way must have 0.75 % more than the consensus"
                                        : "",
      some_passed_over ? "; ways that leave more than a tenth of the clusters empty come last"
                       : "");
}

}  // namespace

const char* method_name(Method method) {
  const std::optional<ClusterStage> stage = stage_of(method);
  return stage ? stage_name(*stage) : "auto";
}

std::optional<Method> method_named(const std::string& name) {
  for (const Method method : {Method::automatic, Method::kmeans, Method::consensus,
                              Method::communities, Method::scan, Method::selflabel}) {
    if (name == method_name(method)) return method;
  }
  return std::nullopt;
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
                          *statistics.neighbor_information, statistics.empty_clusters,
                          clustering.probabilities.columns});
  }
  const Candidate& best = *std::ranges::max_element(
      candidates, [](const Candidate& a, const Candidate& b) { return better(b, a); });
  return {best.stage, reason_of(best, candidates)};
}

}  // namespace nolabel
