#include "nolabel/facade/call.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/report/assignments_csv.h"

namespace nolabel {
namespace {

Effort effort_of(ClusterOptions::Effort effort) {
  switch (effort) {
    case ClusterOptions::Effort::quick:
      return Effort::quick;
    case ClusterOptions::Effort::standard:
      return Effort::standard;
    case ClusterOptions::Effort::full:
      return Effort::full;
  }
  fail_usage("effort must be quick, standard or full. Received {}.", static_cast<int>(effort));
}

ClusterRequest request_of(const ClusterOptions& options) {
  if (options.out.empty()) fail_usage("out must name the run directory. It is empty.");
  if (options.images.empty() == options.features.empty()) {
    fail_usage("either images or features must be given, and not both.");
  }
  if (!(options.hold_out >= 0 && options.hold_out <= 0.9)) {
    fail_usage("hold_out must be 0..0.9. Received {}.", options.hold_out);
  }
  if (options.memory_mb < 1) {
    fail_usage("memory_mb must be 1 or more. Received {}.", options.memory_mb);
  }
  ClusterRequest request;
  request.data = options.images;
  request.out = options.out;
  request.clusters = options.clusters;
  request.effort = effort_of(options.effort);
  request.backbone = options.backbone;
  request.images.hold_out = options.hold_out;
  request.images.memory_mb = options.memory_mb;
  request.images.cache.directory = options.cache_directory.string();
  if (options.compressed_cache) request.images.cache.format = CacheFormat::compressed;
  request.images.strict = options.strict;
  request.features = options.features;
  request.paths = options.paths;
  return request;
}

std::vector<ClusterFigures> figures_of(const std::vector<ReportMethod>& methods) {
  std::vector<ClusterFigures> all;
  for (const ReportMethod& method : methods) {
    const ClusterStatistics& statistics = method.statistics;
    ClusterFigures figures;
    figures.method = method.name;
    figures.sizes = statistics.sizes;
    figures.empty_clusters = statistics.empty_clusters;
    figures.entropy = statistics.entropy;
    if (method.has_confidence) figures.mean_confidence = statistics.mean_confidence;
    figures.neighbor_agreement = statistics.neighbor_agreement;
    figures.silhouette = statistics.silhouette;
    if (const auto& labels = method.labels) {
      figures.labels = {labels->acc, labels->nmi, labels->ami, labels->ari};
    }
    all.push_back(std::move(figures));
  }
  return all;
}

std::vector<ClusteredImage> clustered_images(const std::filesystem::path& assignments) {
  const AssignmentTable table = read_assignments(assignments);
  std::vector<ClusteredImage> images;
  for (size_t i = 0; i < table.names.size(); ++i) {
    const Assignment& a = table.assignments[i];
    images.push_back(
        {table.names[i], {a.cluster, a.confidence, a.runner_up, a.runner_up_confidence}});
  }
  return images;
}

}  // namespace

ClusterResult cluster(const ClusterOptions& options, const Observer& observer) {
  ClusterResult result;
  facade_call(options.compute.threads, [&] {
    const ClusterRequest request = request_of(options);
    Environment environment = environment_of(options.compute, options.seed, observer);
    environment.force = options.force;
    const ClusterOutcome outcome = cluster(request, environment);
    result = {.final_stage = outcome.final_stage,
              .images = clustered_images(outcome.assignments),
              .figures = figures_of(outcome.train),
              .validation = figures_of(outcome.validation),
              .warnings = outcome.warnings,
              .assignments = outcome.assignments,
              .report = outcome.report,
              .seconds = outcome.seconds};
  });
  return result;
}

}  // namespace nolabel
