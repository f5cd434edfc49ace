// nolabel for other programs: cluster images, then assign new ones. Plain C++20 and one library:
// find_package(nolabel), nolabel::nolabel; see examples/embed.
//
//   nolabel::cluster({.images = {"photos"}, .out = "run", .clusters = 10});
//   nolabel::Predictor predictor("run");
//   int where = predictor.predict({pixels, height, width}).cluster;
//
// What goes wrong is thrown as nolabel::Error, which says whose fault it is in one line. Nothing is
// printed, no signal handler is installed, no global state is left changed. Long work tells an
// Observer (log sink, progress callback) and stops, after saving what it has, when the observer's
// cancel token is used; calling again with the same arguments goes on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/image/image.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Compute {
  std::string device = "auto";     // auto, cpu, cuda or cuda:N
  std::string precision = "auto";  // auto, fp32, bf16 or fp16; auto: bf16 where it is computed in
  int threads = 0;                 // of one call; 0: all that this process may use
};

struct ClusterOptions {
  enum class Effort {
    quick,     // backbone frozen: minutes
    standard,  // the backbone is first tuned on the images
    full,      // the published recipe from nothing
  };

  // Folders, pictures, list files (CSV: path[,label]) or CIFAR. Labels, from first-level folders or
  // the list, serve for figures only.
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};  // the run directory; one process works there at a time
  int clusters = 10;
  Effort effort = Effort::quick;
  // A weights file, a run directory, "starter" or "photos"; empty: "photos" where most images are
  // larger than 64 pixels on their short side, else the starter; none for full effort.
  std::string backbone{};
  double hold_out = 0;   // share of the images set aside for validation, 0..0.9
  int memory_mb = 2048;  // pixels kept in memory; more goes to a cache file in `out`
  // Where that file goes instead, to be found by other runs on the same images.
  std::filesystem::path cache_directory{};
  // JPEG of quality 95 instead of the pixels as decoded: a fifth of the room, a level differs by
  // about 1 of 255; also of images kept in memory, so that a result does not depend on memory_mb.
  bool compressed_cache = false;
  bool strict = false;  // a file that is no image is an error instead of being skipped
  // Embeddings [N,D] (.npy) instead of images, and their names (CSV: path[,label]; may be empty).
  std::filesystem::path features{}, paths{};
  uint64_t seed = 0;
  bool force = false;  // make anew what `out` holds but was made from other options
  Compute compute{};
};

// A prediction: probabilities are those of the model, confidence >= runner_up_confidence.
struct ClusterChoice {
  int cluster = 0;
  float confidence = 0;
  int runner_up = -1;  // -1 when there is only one cluster
  float runner_up_confidence = 0;
};

struct ClusteredImage {
  std::string path;  // relative to the folder given; of a list file, as it stands there
  ClusterChoice choice;
};

// How good one way of clustering the images is; as nolabel eval has it, values are fractions.
struct ClusterFigures {
  std::string method;          // "SCAN", "self-label", "k-means"
  std::vector<int64_t> sizes;  // [K] images per cluster
  int empty_clusters = 0;
  double entropy = 0;                        // of the mean use of clusters, in nats
  std::optional<double> mean_confidence;     // unset for k-means, which has none
  std::optional<double> neighbor_agreement;  // share of an image's neighbors in its cluster
  std::optional<double> silhouette;
  struct AgainstLabels {
    double acc = 0, nmi = 0, ami = 0, ari = 0;
  };
  std::optional<AgainstLabels> labels;  // unset unless every image has a label
};

struct ClusterResult {
  std::string final_stage;                 // the model that was chosen: "scan" or "selflabel"
  std::vector<ClusteredImage> images;      // [N] training images, by that model
  std::vector<ClusterFigures> figures;     // of each method on them: the chosen first, k-means last
  std::vector<ClusterFigures> validation;  // on the validation images, if there are any
  std::vector<std::string> warnings;
  std::filesystem::path assignments, report;  // assignments.csv and report.html
  double seconds = 0;
};

// Images (or features) in, clusters and a report out: backbone, neighbors, SCAN, self-labelling,
// k-means beside them. Resumes what an earlier call left unfinished, keeps what is finished.
// Blocks. Throws Error: usage (an option out of range, `out` made from other options), data (no
// image left), system (disk full, no such device), stopped (cancelled; call again to go on).
ClusterResult cluster(const ClusterOptions& options, const Observer& observer = {});

// Assigns pictures in memory to the clusters of a finished run. predict() reads only: one Predictor
// serves any number of threads at once, and a picture's result does not depend on the others in
// flight. For many calling threads, Compute::threads = 1 avoids having more threads than
// processors.
class Predictor {
 public:
  // Throws Error(Fault::usage) when `run` holds no finished model or was made from features.
  explicit Predictor(const std::filesystem::path& run, const Compute& compute = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  int clusters() const;
  // Side in pixels of the square that the model sees: larger pictures are shrunk, smaller ones
  // enlarged, then cropped about the centre.
  int image_size() const;

  // Pixels are RGB, 8 bit, row by row, of any size; they are not kept. Throws Error(Fault::usage)
  // for a picture without pixels.
  ClusterChoice predict(ImageView image) const;
  std::vector<ClusterChoice> predict(std::span<const ImageView> images) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nolabel
