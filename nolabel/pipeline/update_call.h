// Brings a run up to date with its folders, as one call: new images get clusters, moved ones keep
// theirs, and what nolabel and a person have settled stays.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/collection_changes.h"
#include "nolabel/pipeline/drift.h"

namespace nolabel {

struct UpdateRequest {
  std::string run;                   // a run directory that `cluster` has made
  std::vector<std::string> folders;  // further sources of images; empty: those of the run
  bool replace = false;              // `folders` take the place of the run's sources
  bool retrain = false;              // find the clusters anew, from all images
  RunRequest run_settings;
};
// Positional arguments are the command's own.
void declare(SettingTables& tables, UpdateRequest& request);

struct UpdateOutcome {
  ClusterOutcome clusters;
  CollectionChanges changes;        // of the training images, then the validation images
  std::vector<std::string> names;   // [N] of the same images
  int64_t duplicates_of_known = 0;  // new images that are copies of known ones
  // New and changed training images by the id of their cluster.
  std::map<int, int64_t> new_by_cluster;
  // Known training images that are in another cluster than before: with `retrain`, or where a new
  // image stands for them now.
  int64_t reassigned = 0;
  Drift drift;
  std::filesystem::path changes_file;  // changes.csv
};

// Looks at the sources again; embeds what neither the feature cache nor the run holds; gives each
// new image the cluster that the chosen model says, or with `retrain` finds the clusters again from
// all images, as many as before; writes assignments.csv, changes.csv and the report. Identities of
// clusters, their names and a person's edits stay in force. A source that is gone or empty is
// refused, because a disk that is not there is no reason to forget its images. An update that was
// interrupted is completed by the next one, which tells what both have found.
//
// Throws Error: usage (no run of `cluster`, or one of features; another hold_out; a source is
// missing or has lost all of its images; test images would become training images; fewer images
// than clusters; `retrain` of a backbone that was trained together with its clusters), data,
// system, stopped.
UpdateOutcome update(SettingTables& tables, UpdateRequest& request, const Observer& observer);

}  // namespace nolabel
