// The backbone a run starts from: a file, another run, or the starter that comes with nolabel.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nolabel/augment/settings.h"
#include "nolabel/model/model.h"
#include "nolabel/model/weights_file.h"

namespace nolabel {

struct Backbone {
  BackboneSettings settings;
  int image_size = 32;          // of the views it was trained on
  NormalizeSettings normalize;  // of those views
  StateDict state;              // backbone.*, and contrastive_head.* if it came with one
  std::optional<HeadKind> head;
  int embedding_dimensions = 0;  // of the head
  std::string origin;            // for people: "starter backbone (CIFAR-10, SimCLR …)"
  std::filesystem::path file;
};

// `name`: "starter", a weights file, or a run directory (its pretext model). What the file does not
// say (image size, normalisation, the stem's stride) comes from its metadata or sidecar, else from
// the stem: 32, 96 or 224 pixels. Throws Error(Fault::usage) when there is no such file.
Backbone load_backbone(const std::string& name);

// Where the starter backbone lies: NOLABEL_STARTER, beside the installed program or library
// (../share/nolabel), or in the source tree. Throws Error(Fault::system) when it is in none.
std::filesystem::path starter_backbone_path();

// The contrastive model with these weights (the head too, if there is one).
Model contrastive_model(const Backbone& backbone, uint64_t seed);

// A clustering model: these backbone weights, new cluster heads drawn from `seed`.
Model clustering_model(const Backbone& backbone, int clusters, int heads, uint64_t seed);

// What a file needs to say about its backbone, as text values: image_size, stem, stem_stride, mean,
// std. For sidecars and safetensors metadata.
std::map<std::string, std::string> backbone_metadata(const BackboneSettings& settings,
                                                     int image_size,
                                                     const NormalizeSettings& normalize);

}  // namespace nolabel
