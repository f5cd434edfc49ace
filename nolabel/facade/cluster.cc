#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/cluster_call.h"

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

void fill(SettingTables& tables, ClusterRequest& request, const ClusterOptions& options) {
  if (options.out.empty()) fail_usage("out must name the run directory. It is empty.");
  if (!options.images.empty() && !options.features.empty()) {
    fail_usage("either images or features must be given, and not both.");
  }
  request.run.data = texts(options.images);
  declare(tables, request);
  fill_settings(tables, options.settings, options.compute, options.seed);
  fill_option(tables, "out", options.out);
  fill_option(tables, "backbone", options.backbone);
  fill_option(tables, "features", options.features);
  fill_option(tables, "paths", options.paths);
  fill_option(tables, "cache_dir", options.cache_directory);
  fill_number(tables, "clusters", options.clusters);
  if (options.effort) fill_option(tables, "effort", effort_name(effort_of(*options.effort)));
  if (!options.method.empty()) fill_option(tables, "method", options.method);
  fill_flag(tables, "force", options.force);
  if (options.hold_out != 0) {
    tables.settings.set("hold_out", format("{}", options.hold_out), "hold_out");
  }
  if (options.memory_mb != ClusterOptions{}.memory_mb) {
    tables.settings.set("memory", std::to_string(options.memory_mb), "memory_mb");
  }
  if (options.compressed_cache) {
    tables.settings.set("cache_format", "compressed", "compressed_cache");
  }
  fill_flag(tables, "strict", options.strict);
}

}  // namespace

ClusterResult cluster(const ClusterOptions& options, const Observer& observer) {
  return facade_stage<ClusterRequest>(
      observer,
      [&](SettingTables& tables, ClusterRequest& request) { fill(tables, request, options); },
      [&](SettingTables& tables, ClusterRequest& request, const Observer& serial) {
        return cluster_result(cluster(tables, request, serial), options.return_features);
      });
}

}  // namespace nolabel
