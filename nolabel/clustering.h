// From images to clusters in one call, and what came, moved or went since then: part of nolabel.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/base/matrix.h"
#include "nolabel/record/observer.h"
#include "nolabel/values.h"

namespace nolabel {

struct ClusterOptions {
  enum class Effort {
    quick,     // backbone frozen: minutes
    standard,  // the backbone is first tuned on the images
    full,      // the published recipe from random weights
  };

  // Folders, pictures, list files (CSV: path[,label]) or published data sets; or one run directory,
  // whose images are clustered again. Labels, from class folders, the list or the data set, are
  // used only for metrics.
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};  // the run directory; one process works there at a time
  // K; 0: that of the run, or nolabel's estimate. Another K for a run that was clustered before
  // needs the run in `images`, and clusters then keep their numbers; or `force`.
  int clusters = 0;
  std::optional<Effort> effort{};  // unset: that of the run, else quick
  // "auto" groups the images in every way and keeps one; "kmeans", "consensus", "communities",
  // "scan" or "selflabel" groups them in this way. Empty: that of the run, else "auto".
  std::string method{};
  // A name that `nolabel backbone list` shows, "photos", "starter", a weights file or a run
  // directory; empty: the run's, else nolabel's choice, which downloads nothing.
  std::string backbone{};
  double hold_out = 0;   // share of the images set aside for validation, 0..0.9
  int memory_mb = 2048;  // pixels kept in memory; more goes to a cache file
  // The folder of that file, where other runs on the same images find it. Empty: NOLABEL_CACHE, or
  // else nolabel in the user's cache folder.
  std::filesystem::path cache_directory{};
  // Keep JPEG of quality 95 instead of decoded pixels. This takes a fifth of the room, and a level
  // differs by about 1 of 255. Images in memory are also kept in this way, so that no result
  // depends on memory_mb.
  bool compressed_cache = false;
  bool strict = false;  // a file that is no image is an error instead of being skipped
  // Embeddings [N,D] (.npy) instead of images, and their names (CSV: path[,label]; may be empty).
  std::filesystem::path features{}, paths{};
  std::optional<uint64_t> seed{};  // unset: the run's, else 0
  bool force = false;              // replace results in `out` that were made with other options
  Compute compute{};
  Settings settings{};           // of the images and of the search for neighbors
  bool return_features = false;  // fill ClusterResult::features
};

// `backbone_labels` of the results: whose labels took part in the training of the backbone ("none",
// "imagenet" or another data set; empty: unknown). Do not compare figures of a backbone that was
// trained with labels with figures of label-free training.

struct ClusterResult {
  std::string final_stage;  // the model that was chosen: "consensus", "scan" …
  std::string choice;       // why, as a sentence; empty where nothing was compared
  int clusters = 0;         // of the chosen model: K, or as many as edits made of them
  // Where nolabel estimated K: the least and the largest number that fits the images.
  std::optional<std::pair<int, int>> clusters_range;
  // [K] where a run was clustered again: the earlier cluster that each one continues, -1: none.
  std::vector<int64_t> continued;
  std::vector<NamedCluster> identities;  // [C] of the columns of probabilities
  std::vector<ClusteredImage> images;    // [N] training images, by that model
  Matrix<float> probabilities;           // [N,K] of that model
  Matrix<float> features;                // [N,D] of the backbone; empty unless asked for
  // On these images, one per method: the chosen model first, k-means last.
  std::vector<ClusterFigures> figures;
  std::vector<ClusterFigures> validation;  // on the validation images, if there are any
  std::string backbone_labels;
  std::vector<std::string> warnings;
  std::filesystem::path assignments, report;  // assignments.csv and report.html
  double seconds = 0;
};

// Clusters images (or features) and writes a report: backbone, neighbors, the ways of grouping that
// `method` names, and k-means for comparison. Resumes what an earlier call left unfinished and
// keeps what is finished. Blocks until the work is done. Throws Error: usage (an option out of
// range, `out` made with other options), data (no image left), system (disk full, no such device),
// stopped (cancelled; call again to continue).
ClusterResult cluster(const ClusterOptions& options, const Observer& observer = {});

struct UpdateOptions {
  std::filesystem::path run{};  // a run directory that cluster() has made of images
  // Further folders, pictures or list files, which belong to the run from now on. Empty: nolabel
  // looks at those of the run again.
  std::vector<std::filesystem::path> images{};
  bool replace = false;  // `images` take the place of those of the run, and must hold some of them
  // Find the clusters anew, from all images and as many as before. Those that go on keep their
  // numbers and names.
  bool retrain = false;
  Compute compute{};
  Settings settings{};
  bool return_features = false;  // fill ClusterResult::features
};

struct ChangedImage {
  std::string path;    // relative to the folder of the images
  std::string change;  // "new", "changed": another content in this place, "moved" or "gone"
  std::string was;     // the earlier path of a moved image; else empty
};

// Whether the new images are like those that the clusters were found from. All but `images` is 0
// where there are no new images or no known ones.
struct ImageDrift {
  int64_t images = 0;                       // new ones, near-duplicates left out
  double unsure = 0, unsure_known = 0;      // shares of unsure images
  double distance = 0, distance_known = 0;  // medians of 1 - cosine to the nearest known image
  // Share of the new images that are farther from the known ones than 95 % of the known ones are
  // from each other: 0.05 where both are alike.
  double far = 0;
};

struct UpdateResult {
  ClusterResult clusters;             // of all images that are there now
  std::vector<ChangedImage> changes;  // those that are gone last
  int64_t duplicates_of_known = 0;    // new images that are nearly the same as known ones
  // New and changed training images by the id of their cluster.
  std::map<int, int64_t> new_by_cluster;
  // Known training images that are in another cluster than before: with `retrain`, or where a new
  // image stands for them now.
  int64_t reassigned = 0;
  ImageDrift drift;
  std::filesystem::path changes_file;  // changes.csv
};

// Brings a run up to date with its folders: new images get the clusters that the chosen model says,
// moved ones are known by their content, and names and a person's corrections stay. Only new images
// are embedded. Writes assignments.csv, changes.csv and the report. An update that was interrupted
// is completed by the next one. Throws Error: usage (the run is none of cluster() on images; a
// folder of the run is gone or has lost all of its images; `replace` names none of its images;
// test images would train; fewer images than clusters; `retrain` of a backbone that was trained
// together with its clusters), data, system, stopped. Images that the run holds out stay so, and of
// the new ones the same share is held out.
UpdateResult update(const UpdateOptions& options, const Observer& observer = {});

}  // namespace nolabel
