// nolabel for other programs. It needs plain C++20 and one library: find_package(nolabel) defines
// the target nolabel::nolabel. See examples/embed.
//
//   nolabel::cluster({.images = {"photos"}, .out = "run", .clusters = 10});
//   nolabel::update({.run = "run"});  // later: what came, moved or went
//   nolabel::Predictor predictor("run");
//   int where = predictor.predict({pixels, height, width}).cluster;
//
// Every stage of the method is a function. It takes options, returns values, and writes artifacts
// into the run directory `out`. An option that is unset takes the value that an earlier call
// settled for the run, or else the default. `settings` holds any setting of the stage by its name,
// as `nolabel settings STAGE` lists them: {{"epochs", "100"}, {"optimizer_kwargs.lr", "0.1"}}.
//
// A failure throws nolabel::Error, which states in one line what is wrong and whose fault it is.
// The library prints nothing, installs no signal handler and leaves no global state changed. Long
// work reports to an Observer (log sink, progress callback). When the cancel token of the observer
// is used, the work saves what it has and stops; a call with the same arguments continues from
// there. Callbacks may come from any thread, but only one runs at a time. They must not throw.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nolabel/arrays.h"
#include "nolabel/base/error.h"
#include "nolabel/base/matrix.h"
#include "nolabel/clustering.h"
#include "nolabel/corrections.h"
#include "nolabel/declarations.h"
#include "nolabel/image/image.h"
#include "nolabel/pictures.h"
#include "nolabel/record/observer.h"
#include "nolabel/values.h"

namespace nolabel {

// ---- each stage by itself ----------------------------------------------------------------------
// Errors are those of cluster(). `images` may be empty where the run knows its images.

struct SimclrOptions {
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};
  int image_size = 0;   // side of the views in pixels; 0: that of `start`, or else 32
  std::string start{};  // weights to train on from; empty: random ones
  std::optional<uint64_t> seed{};
  bool force = false;
  Compute compute{};
  Settings settings{};
};
struct SimclrResult {
  std::filesystem::path model;  // pretext/model.pth.tar
  bool trained = false;         // false: the model that was there is current
  int64_t images = 0;           // that were trained on
};
// The pretext stage: trains a backbone on unlabelled images.
SimclrResult simclr(const SimclrOptions& options, const Observer& observer = {});

struct MineOptions {
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};
  std::string backbone{};                     // empty: the run's
  int image_size = 0;                         // 0: what the backbone was trained on
  std::filesystem::path features{}, paths{};  // embeddings instead of images
  std::optional<uint64_t> seed{};
  bool force = false;
  Compute compute{};
  Settings settings{};
};
struct MineResult {
  std::filesystem::path train_table, validation_table;  // .npy, int64 [N,k+1]
  int64_t images = 0;
  int neighbors = 0;  // of each, itself left out
  // Share of the first k neighbors with the image's label, by k; empty without labels.
  std::map<int, double> accuracy, validation_accuracy;
  std::string backbone_labels;
};
// Finds the nearest neighbors of every image in the backbone's features.
MineResult mine(const MineOptions& options, const Observer& observer = {});

struct MocoOptions {
  // Weights of MoCo v2 or of another network. Empty: the run's pretext model, or else the published
  // weights, which are downloaded.
  std::filesystem::path file{};
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};
  int image_size = 0;  // 0: what the backbone was trained on
  std::optional<uint64_t> seed{};
  bool force = false;
  Compute compute{};
  Settings settings{};
};
// Takes a backbone as the run's pretext model (pretext/model.pth.tar) and mines neighbors with it.
MineResult moco(const MocoOptions& options, const Observer& observer = {});

// Of scan() and selflabel().
struct StageOptions {
  std::vector<std::filesystem::path> images{};
  std::filesystem::path out{};
  int clusters = 0;  // scan: 0: as many as there are classes
  std::string backbone{};
  std::filesystem::path features{}, paths{};
  std::optional<uint64_t> seed{};
  bool force = false;
  Compute compute{};
  Settings settings{};
};
struct StageResult {
  std::filesystem::path model;
  bool trained = false;     // false: the model that was there is current
  int64_t images = 0;       // that were trained on
  std::string final_stage;  // the chosen model of the run from now on: "consensus", "scan" …
  // On the validation images, or else on the training images, if the images have labels.
  std::optional<ClusterFigures> figures;
  std::string backbone_labels;  // empty without figures
};
// Trains cluster heads so that an image and its neighbors get the same cluster.
StageResult scan(const StageOptions& options, const Observer& observer = {});
// Trains SCAN's best model further, on its own confident predictions.
StageResult selflabel(const StageOptions& options, const Observer& observer = {});

struct EvaluateOptions {
  std::filesystem::path out{};   // the run
  std::string model = "final";   // scan, selflabel, final (the one that the run chose) or a file
  bool training_images = false;  // false: the validation images where there are such
  std::vector<std::filesystem::path> images{};
  std::string backbone{};
  std::optional<uint64_t> seed{};
  Compute compute{};
  Settings settings{};
};
struct EvaluateResult {
  std::optional<ClusterFigures> figures;    // of a clustering model
  std::vector<ClusteredImage> images;       // [N]
  Matrix<float> probabilities;              // [N,C]
  Matrix<float> features;                   // [N,D] of the model's backbone
  std::map<int, double> neighbor_accuracy;  // of a pretext model, by k
  std::string backbone_labels;
};
// Measures a model, without labels and, where there are labels, against them.
EvaluateResult evaluate(const EvaluateOptions& options, const Observer& observer = {});

struct ReportOptions {
  std::filesystem::path out{};  // the run
  Compute compute{};
  Settings settings{};
};
struct ReportResult {
  // On the training images, the chosen model first, k-means last.
  std::vector<ClusterFigures> figures;
  std::vector<ClusterFigures> validation;  // on the validation images, if there are any
  std::string backbone_labels;
  std::filesystem::path assignments, report;  // assignments.csv and report.html
};
// Makes the report and the assignments of the run again from its models.
ReportResult report(const ReportOptions& options, const Observer& observer = {});

struct PredictOptions {
  std::filesystem::path run{};                  // a run directory or a weights file
  std::vector<std::filesystem::path> images{};  // pictures, folders, list files, CIFAR
  std::string model = "final";
  std::filesystem::path features{}, paths{};  // embeddings instead, for a run made from such
  std::filesystem::path sort_into{};          // also put the images into this folder, by cluster
  bool copy = false;                          // copies there instead of links
  bool strict = false;
  Compute compute{};
  Settings settings{};
};
struct PredictResult {
  std::vector<ClusteredImage> images;  // [N]
  Matrix<float> probabilities;         // [N,C]
  std::vector<NamedCluster> clusters;  // [C] of the run's chosen model; else empty: 0..C-1
  struct Skipped {
    std::string path, reason;
  };
  std::vector<Skipped> skipped;  // files that are no images
};
// Assigns images in files to clusters. For pictures in memory, use Predictor.
PredictResult predict(const PredictOptions& options, const Observer& observer = {});

// Assigns pictures in memory to the clusters of a finished run. predict() only reads, so one
// Predictor serves any number of threads at once. The result of a picture does not depend on other
// pictures. With many calling threads, set Compute::threads = 1 to avoid more threads than
// processors.
class Predictor {
 public:
  // Throws Error(Fault::usage) when `run` holds no finished model or was made from features.
  explicit Predictor(const std::filesystem::path& run, const Compute& compute = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  int clusters() const;
  // [C], in the order of the model.
  std::vector<NamedCluster> named_clusters() const;
  // Side in pixels of the square that the model sees. Larger pictures are shrunk and smaller ones
  // enlarged; then the centre is cropped.
  int image_size() const;

  // Pixels are 8-bit RGB, row by row, of any size. The Predictor does not keep them. Throws
  // Error(Fault::usage) for a picture without pixels, Error(Fault::stopped).
  ClusterChoice predict(ImageView image) const;
  std::vector<ClusterChoice> predict(std::span<const ImageView> images,
                                     const Observer& observer = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nolabel
