// What a report shows. The pipeline fills it; nothing here is computed from labels except the
// figures of `methods` that say so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/data/dataset.h"
#include "nolabel/edits/cluster_identity.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/cluster_statistics.h"
#include "nolabel/evaluate/image_status.h"
#include "nolabel/evaluate/label_evaluation.h"

namespace nolabel {

// One way of clustering the same images, a row in the table of figures.
struct ReportMethod {
  std::string name;  // "SCAN", "k-means on the same features"
  ClusterStatistics statistics;
  bool has_confidence = true;  // false for hard clusters, whose confidence says nothing
  std::optional<LabelEvaluation> labels;
};

struct ReportFact {
  std::string name, value;  // "Backbone", "starter (none was given)"
};

// Fewer or more groups than the clusters, without another clustering (cluster/merge_tree.h).
struct ReportTree {
  std::vector<int64_t> part;                        // [N], 0..P-1
  std::vector<int64_t> cluster_of;                  // [P]
  std::vector<std::pair<int64_t, int64_t>> merges;  // of parts, then of the groups they became
  bool refits = false;  // `nolabel cluster RUN --clusters K` makes such groups in seconds
};

// A cluster as a person edits it.
struct EditorCluster {
  int id = 0;          // stays the same through edits
  std::string name;    // may be empty
  std::string origin;  // "found by nolabel", "split from cluster 2"
  int64_t images = 0;
};

enum class EditorStatus : char { ok = 'o', unsure = 'u', duplicate = 'd', junk = 'j' };

struct EditorImage {
  std::string path;  // as in assignments.csv; any bytes
  int cluster = 0;   // id
  float confidence = 0;
  EditorStatus status = EditorStatus::ok;
  int64_t group = -1;  // of near-duplicates, whose first image trains; -1: none
};

// What the page needs so that a person can correct the clusters.
struct ReportEditor {
  bool live = false;  // a server stands behind the page: it answers requests and keeps the edits
  std::vector<EditorCluster> clusters;  // all, ascending by id
  std::vector<EditorImage> images;      // [N] in the order of assignments.csv
  // [N] indices of the images most alike, best first; none: a live page asks its server
  std::optional<std::vector<std::vector<int64_t>>> alike;
  std::vector<std::string> edits;  // in force, one line each, for people
  int64_t revision = 0;            // of a live page: how many changes its server has made so far
  bool can_undo = false;
  std::string command;  // what applies edits.json to the run, for a page without a server
};

// Texts may hold anything: they are shown as they are and never run.
struct ReportData {
  std::string title;              // "holiday-photos"
  std::vector<ReportFact> facts;  // data, number of clusters, backbone and why, time …
  // Says whether labels took part in the backbone's training, and whose; shown below the facts.
  std::optional<std::string> backbone_labels;
  std::vector<std::string> warnings;
  std::vector<SkippedImage> skipped;  // files that could not be used

  int cluster_count = 0;
  std::vector<ClusterIdentity> identities;  // [K] of the clusters; empty: 0..K-1 without names
  std::vector<Assignment> assignments;      // [N]
  std::vector<ImageStatus> statuses;        // [N], or empty: all ok
  // Junk counts for nothing and is not shown; near-duplicates are counted, and one of a group is
  // shown.
  bool is_counted(int64_t i) const { return statuses.empty() || statuses[i] != ImageStatus::junk; }
  bool is_shown(int64_t i) const {
    return is_counted(i) && (statuses.empty() || statuses[i] != ImageStatus::duplicate);
  }
  std::vector<std::string> names;           // [N] paths
  const Dataset* images = nullptr;          // [N]; null: only features were given
  const Matrix<float>* features = nullptr;  // [N,D]; null: no map
  // Where names[i] is the file of image i; empty: the images are no files. `images` may hold them
  // as small as the backbone wants them, and features come without them; pictures of the page are
  // then made from the files.
  std::filesystem::path folder;
  bool has_pictures() const { return images || !folder.empty(); }
  // Relative URL of `folder`, seen from the page (file_url.h); empty: the page links no file.
  std::string originals;
  std::vector<int64_t> prototypes;     // [K], -1: none; empty: no strip
  std::optional<ReportTree> tree;      // none: the page has no slider
  std::optional<ReportEditor> editor;  // none: the page has no editor
  std::string made_from;  // a hash, by which a later program knows whether the page is up to date

  std::string choice;                            // why the first method was chosen; may be empty
  std::vector<ReportMethod> methods;             // the first is the one whose assignments are shown
  std::vector<ReportMethod> validation_methods;  // the same on images that were not trained on
  std::vector<int> labels;                       // [N]; empty without labels
  std::vector<std::string> class_names;
  bool labels_from_folders = false;  // the labels are names of folders

  nlohmann::json curves = nlohmann::json::array();     // the objects of metrics.jsonl, in order
  nlohmann::json settings = nlohmann::json::object();  // nested, as Schema::values() gives them

  uint64_t seed = 0;  // which images the map shows, and its layout
  int threads = 1;
  int64_t max_bytes = 25'000'000;  // of the file; fewer and smaller galleries keep it
};

}  // namespace nolabel
