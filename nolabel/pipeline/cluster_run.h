// The one-command path from images (or features) to clusters and a report.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/pipeline/settings.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

enum class Effort {
  quick,     // backbone frozen; heads trained on cached features: minutes
  standard,  // the backbone is first tuned on the images (SimCLR)
  full,      // the published recipe from nothing
};

// Settings of all stages of a run.
struct ClusterSettings {
  PretextSettings pretext;
  MineSettings mine;
  ScanStageSettings scan;
  SelflabelStageSettings selflabel;
};

struct EffortEstimate {
  std::string name;  // "quick"
  double seconds;
};

struct ClusterRequest {
  std::vector<std::filesystem::path> data;  // images; empty when `features` are given
  std::filesystem::path out;
  int clusters = 0;
  Effort effort = Effort::quick;
  // A weights file, a run, `photos`, `starter`, or empty: nolabel chooses (cluster_backbone.h).
  std::string backbone;
  // Side of the views in pixels. 0: that of the backbone, or a larger one where standard effort
  // tunes the backbone on larger images; a backbone trained from nothing takes the size of the
  // images.
  int image_size = 0;
  std::optional<NormalizeSettings> normalize;  // of the views; unset: as the backbone has it
  DataSettings images;
  // Embeddings of any model [N,D] (.npy) instead of images, with their names and labels (CSV:
  // path[,label]).
  std::filesystem::path features, paths;
  // Called before the work begins with the time that each effort would take here; may be empty.
  std::function<void(const std::vector<EffortEstimate>&)> announce;
  // May change the settings that effort_settings() proposes; may be empty.
  std::function<void(ClusterSettings&)> adjust;
};

struct ClusterOutcome {
  std::string final_stage;          // "scan" or "selflabel"
  std::string backbone;             // where the features come from, for people
  std::string backbone_labels;      // whose labels trained it: "none", "imagenet" …; or empty
  std::vector<ReportMethod> train;  // the final model first, k-means last
  std::vector<ReportMethod> validation;  // empty without validation images
  std::vector<std::string> warnings;
  std::filesystem::path assignments_file, report;
  // Of the training images, by the final model.
  std::vector<std::string> names;       // [N]
  std::vector<Assignment> assignments;  // [N]
  Matrix<float> probabilities;          // [N,C]
  Matrix<float> features;               // [N,D] of the backbone as the run began
  int64_t images = 0;
  double seconds = 0;
};

// Settings for `images` images of K clusters seen at image_size pixels.
ClusterSettings effort_settings(Effort effort, int64_t images, int clusters, int image_size);

// Runs the missing steps of: backbone, mine, scan, selflabel, figures, report. Resumes where an
// earlier call stopped. Throws Error(Fault::usage) unless 2 <= clusters <= images. Afterwards the
// run's state describes the images and the backbone.
ClusterOutcome cluster(const ClusterRequest& request, RunDirectory& run,
                       const Environment& environment);
// The same in the run directory request.out, which this opens.
ClusterOutcome cluster(const ClusterRequest& request, const Environment& environment);

const char* effort_name(Effort effort);  // "quick"

}  // namespace nolabel
