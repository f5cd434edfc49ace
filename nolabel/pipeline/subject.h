// The subject of a run is what the run clusters, prepared for its stages: images with a backbone,
// or features alone.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/cluster_inputs.h"
#include "nolabel/pipeline/run_images.h"

namespace nolabel {

// The train split or the validation split.
struct SubjectSplit {
  const Dataset* dataset = nullptr;   // null: features alone
  std::optional<FeaturePlace> place;  // where features of the data set are kept
  std::vector<std::string> names;     // [N]
  std::vector<int> labels;            // [N] or empty
  at::Tensor features;                // [N,D] of plain views by the backbone as the run begins
  at::Tensor mined;                   // [N,·] what neighbors are mined on: embeddings, or features
  // [N,D] the mean over the plain view and some random ones (ClusterInputs::averaged_features),
  // where a frozen backbone's features are compared and grouped; undefined elsewhere.
  at::Tensor averaged;
  int averaged_views = 0;  // how many random views are in it
  std::string views{};     // and which (MinedFeatures::views)
};

struct Subject {
  std::shared_ptr<const RunImages> images;  // null: features alone; the splits point into it
  // Where the names of the images are files; empty: they are none. Features may be of such images.
  std::filesystem::path folder;
  Backbone backbone;
  bool backbone_of_scan = false;  // of the run's SCAN model, for want of a pretext model
  SubjectSplit train;             // the images that train
  std::optional<SubjectSplit> validation;
  // The training images as they were given, and which row tells the cluster of each: a row of
  // `train`, or -1 - a row of `aside`. A near-duplicate has the row of the image that stands for
  // it; images that show nothing are in `aside` and do not train (training_images.h).
  SubjectSplit given;
  std::optional<SubjectSplit> aside;
  std::vector<int64_t> row_of_given;
  Screening screening{};  // of the given images, then the validation images; empty: all train
  std::vector<std::shared_ptr<const Dataset>> subsets{};  // what `train` and `aside` point to
  std::vector<std::string> class_names;
  std::string data_fingerprint, backbone_hash;

  // Whether given image i takes the cluster of another.
  bool is_duplicate(int64_t i) const {
    return !screening.representative.empty() && screening.representative[i] != i;
  }
  // [train] the given image of each row.
  std::vector<int64_t> given_of_train() const;
  const SubjectSplit& validation_or_train() const { return validation ? *validation : train; }
  // False for features that the user gives: then only heads can be trained.
  bool has_network() const { return backbone.network.takes_images(); }
  // A clustering model on the run's backbone, placed; its heads are new.
  Model make_model(int clusters, int heads, const Environment& environment) const;
};

// Images seen through a backbone: extracts the features of both splits, or reads those that were
// kept in features_directory (kept_features.h), if there is one.
Subject image_subject(RunImages images, Backbone backbone,
                      const std::optional<std::filesystem::path>& features_directory,
                      const Environment& environment);

// The validation split (the training split where there is no other) as `environment.precision`
// makes its features; else as image_subject(). The training images of a large data set are not
// embedded again for figures of a few.
Subject with_validation_embedded(const Subject& subject,
                                 const std::optional<std::filesystem::path>& features_directory,
                                 const Environment& environment);

// The same images, of which the same train, through another backbone. The features are kept in the
// feature cache alone.
Subject seen_through(const Subject& subject, Backbone backbone, const Environment& environment);

// Features from an .npy file; `paths` (CSV: path[,label]) names their rows, or is empty. Where
// names are files, seen from the folder of `paths`, the report shows them. Of `settings` hold_out
// and split_seed count, and `labels`: none ignores those of `paths`. Error(Fault::usage) when the
// two differ in length, Error(Fault::data) when a value is not finite.
Subject feature_subject(const std::filesystem::path& features, const std::filesystem::path& paths,
                        const DataSettings& settings, const Observer& observer);

// What the clustering stages work on. `frozen`: the backbone will not change, so the features that
// the subject holds are those of every later moment. The subject must outlive it.
std::unique_ptr<ClusterInputs> split_inputs(const Subject& subject, const SubjectSplit& split,
                                            bool frozen, const Environment& environment);

}  // namespace nolabel
