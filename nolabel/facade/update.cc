#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/update_call.h"

namespace nolabel {
namespace {

std::vector<ChangedImage> changed_images(const UpdateOutcome& outcome) {
  const CollectionChanges& changes = outcome.changes;
  std::vector<ChangedImage> images;
  for (size_t i = 0; i < changes.changes.size(); ++i) {
    if (changes.changes[i] == ImageChange::none) continue;
    images.push_back({outcome.names[i], change_name(changes.changes[i]), changes.was[i]});
  }
  for (const std::string& name : changes.gone) images.push_back({name, "gone", ""});
  return images;
}

ImageDrift drift_of(const Drift& drift) {
  return {.images = drift.images,
          .unsure = drift.unsure,
          .unsure_known = drift.unsure_known,
          .distance = drift.distance,
          .distance_known = drift.distance_known,
          .far = drift.far};
}

}  // namespace

UpdateResult update(const UpdateOptions& options, const Observer& observer) {
  return facade_stage<UpdateRequest>(
      observer,
      [&](SettingTables& tables, UpdateRequest& request) {
        if (options.run.empty()) fail_usage("run must name the run directory. It is empty.");
        request.run = options.run.string();
        request.folders = texts(options.images);
        declare(tables, request);
        fill_settings(tables, options.settings, options.compute, std::nullopt);
        fill_flag(tables, "replace", options.replace);
        fill_flag(tables, "retrain", options.retrain);
      },
      [&](SettingTables& tables, UpdateRequest& request, const Observer& serial) {
        UpdateOutcome outcome = update(tables, request, serial);
        UpdateResult result{.clusters = {},
                            .changes = changed_images(outcome),
                            .duplicates_of_known = outcome.duplicates_of_known,
                            .new_by_cluster = outcome.new_by_cluster,
                            .reassigned = outcome.reassigned,
                            .drift = drift_of(outcome.drift),
                            .changes_file = outcome.changes_file};
        result.clusters = cluster_result(std::move(outcome.clusters), options.return_features);
        return result;
      });
}

}  // namespace nolabel
