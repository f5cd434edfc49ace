// Pictures as features and as random views: part of nolabel.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nolabel/base/matrix.h"
#include "nolabel/image/image.h"
#include "nolabel/record/observer.h"
#include "nolabel/values.h"

namespace nolabel {

struct EmbedOptions {
  // Folders, pictures, list files (CSV: path[,label]) or published data sets.
  std::vector<std::filesystem::path> images{};
  // As in ClusterOptions; empty: nolabel's choice by the sizes of the images, downloads nothing.
  std::string backbone{};
  int image_size = 0;   // side of the views in pixels; 0: what the backbone was trained on
  bool strict = false;  // a file that is no image is an error instead of being skipped
  Compute compute{};
  Settings settings{};  // of the images and of the device: labels, feature_cache …
};
struct EmbedResult {
  std::vector<std::string> paths;        // [N], as in ClusteredImage
  Matrix<float> features;                // [N,D]
  std::vector<int> labels;               // [N], or empty unless every image has one
  std::vector<std::string> class_names;  // of the labels
  std::string backbone;                  // where the features come from, for people
  std::string backbone_labels;           // clustering.h
};
// The backbone's features of images in files. Features that nolabel's cache holds are not computed
// again. Throws Error: usage, data (no image is left), system, stopped.
EmbedResult embed(const EmbedOptions& options, const Observer& observer = {});

// The backbone's features of pictures in memory. embed() only reads, so one Embedder serves any
// number of threads at once.
class Embedder {
 public:
  // `backbone`: as in ClusterOptions, not empty. Errors as embed().
  explicit Embedder(const std::string& backbone, int image_size = 0, const Compute& compute = {});
  Embedder(Embedder&&) noexcept;
  Embedder& operator=(Embedder&&) noexcept;
  ~Embedder();

  int dimensions() const;  // D
  int image_size() const;  // side of the views in pixels
  std::string backbone() const;
  std::string backbone_labels() const;  // clustering.h

  // [N,D]. Pixels are 8-bit RGB, row by row, of any size. The Embedder does not keep them. Throws
  // Error(usage) for a picture without pixels, Error(stopped).
  Matrix<float> embed(std::span<const ImageView> images, const Observer& observer = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One picture as 8-bit RGB, turned upright, from any format that nolabel reads. Throws Error: usage
// (no such file), data (not a picture).
Image read_picture(const std::filesystem::path& file);

struct ViewsOptions {
  std::string recipe = "simclr";  // standard, simclr or ours (docs/method.md, Views)
  int size = 32;                  // side of a view in pixels
  int count = 8;
  uint64_t seed = 0;
  Settings settings{};  // augmentation_kwargs.*, as `nolabel settings simclr` lists them
};
// Random views of a picture, as training draws them: `count` of 8-bit RGB. Throws
// Error: usage, stopped.
std::vector<Image> views(ImageView picture, const ViewsOptions& options = {},
                         const Observer& observer = {});
// The same views as the network sees them: [count, size * size * 3], a row is a view [size,size,3]
// whose channels are normalised.
Matrix<float> normalized_views(ImageView picture, const ViewsOptions& options = {},
                               const Observer& observer = {});

}  // namespace nolabel
