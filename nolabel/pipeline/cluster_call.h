// The one-command path from images (or features) to clusters and a report, as one call.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nolabel/pipeline/backbone_ladder.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/method_choice.h"
#include "nolabel/pipeline/run_subject.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

struct ClusterRequest {
  RunRequest run;
  // Its backbone may be left empty: nolabel chooses (cluster_backbone.h). Its image_size 0: that of
  // the backbone, or a larger one where standard effort tunes the backbone on larger images; a
  // backbone trained from nothing takes the size of the images.
  SubjectRequest subject;
  BackboneAccess access;  // where the backbone is not on this machine
  int clusters = 0;       // 0: that of the run, or else nolabel's estimate
  // The run was clustered before, into another number of clusters, and is clustered again: its
  // features and neighbors stay, and clusters keep their numbers.
  bool again = false;
  // The run's images are not those that it was clustered with, so a range of numbers of clusters
  // that nolabel estimated is estimated anew.
  bool other_images = false;
  Effort effort = Effort::quick;
  Method method = Method::automatic;
  MineSettings search;  // how neighbors are searched; their numbers follow from the effort
  // May change the settings that effort_settings() proposes; may be empty.
  std::function<void(ClusterSettings&)> adjust;
};
void declare(SettingTables& tables, ClusterRequest& request);

struct ClusterOutcome {
  std::string final_stage;  // "consensus", "scan" … (ClusterStage)
  std::string choice;       // why it was chosen, as a sentence; empty where nothing was compared
  int clusters = 0;         // of the chosen model: K, or as many as a person made of them
  // Numbers of clusters that fit the images; where nobody but nolabel chose K.
  std::optional<RunState::ClusterRange> cluster_range;
  // [K] where the run was clustered again: the earlier cluster that each cluster continues, -1:
  // none. Otherwise empty.
  std::vector<int64_t> continued;
  std::vector<ClusterIdentity> identities;  // [C] of the columns of probabilities
  std::string backbone;                     // where the features come from, for people
  std::string backbone_labels;      // whose labels trained it: "none", "imagenet" …; or empty
  std::vector<ReportMethod> train;  // the final model first, k-means last
  std::vector<ReportMethod> validation;  // empty without validation images
  std::vector<std::string> warnings;
  std::filesystem::path assignments_file, report;
  // Of the training images, near-duplicates among them, by the final model.
  std::vector<std::string> names;       // [N]
  std::vector<Assignment> assignments;  // [N]
  std::vector<ImageStatus> statuses;    // [N]
  Matrix<float> probabilities;          // [N,C]
  Matrix<float> features;               // [N,D] of the backbone as the run began
  int64_t images = 0;
  double seconds = 0;
};

// Runs the missing steps of: backbone, mine, scan, selflabel, figures, report. Resumes where an
// earlier call stopped. What the user leaves unset comes from the run's state, which afterwards
// describes the images and the backbone. Where DATA is a run, its images are clustered again;
// otherwise notes how long it takes (run_estimate.h).
// Throws Error: usage (clusters are not in 2..images, or the run was clustered with other settings
// and `force` is not set), data, system, stopped.
ClusterOutcome cluster(SettingTables& tables, ClusterRequest& request, const Observer& observer);

}  // namespace nolabel
