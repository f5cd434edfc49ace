// The backbone a run starts from: a file, another run, or the starter that comes with nolabel.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "nolabel/augment/recipe.h"
#include "nolabel/augment/settings.h"
#include "nolabel/model/model.h"
#include "nolabel/model/model_weights.h"

namespace nolabel {

struct Backbone {
  BackboneSettings settings;
  int image_size = 32;          // of the views it was trained on
  NormalizeSettings normalize;  // of those views
  StateDict state;              // backbone.*, and contrastive_head.* if it came with one
  std::optional<HeadKind> head;
  int embedding_dimensions = 0;  // of the head
  std::string origin;            // for people: "starter backbone (CIFAR-10, SimCLR …)"
  std::string assumption;        // for people: what nobody stated and had to be assumed, or empty
  std::filesystem::path file;
  std::string name;  // of a backbone that nolabel knows by name; empty for others
};

// True for a backbone that nolabel knows by name: "starter".
bool is_named_backbone(const std::string& name);

// `name`: "starter", a weights file, or a run directory (its pretext model); image_size: of the
// views in pixels, 0 to leave it to the file. Errors as backbone_of(), and Error(Fault::usage) when
// there is no such file.
Backbone load_backbone(const std::string& name, int image_size = 0);

// The backbone among the weights of `file`, a contrastive or a clustering model. Weights do not
// tell everything (image size, normalisation, the stem's pooling and stride): that comes from
// `image_size` if it is not 0, from FILE.backbone.json or the file's metadata, else from the first
// convolution: 224 pixels when it is 7 wide, CIFAR's 32 otherwise, which is then an `assumption`
// (STL-10's networks have the same weights). Throws Error(Fault::usage) when the weights are of
// another network, Error(Fault::data) when the statements are malformed.
Backbone backbone_of(const std::filesystem::path& file, WeightsInFile weights, int image_size = 0);

// Writes FILE.backbone.json: what backbone_of() has to know beside the weights.
void write_backbone_metadata(const std::filesystem::path& file, const Backbone& backbone);

// Where the starter backbone lies: NOLABEL_STARTER, beside the installed program or library
// (../share/nolabel), or in the source tree. Throws Error(Fault::system) when it is in none.
std::filesystem::path starter_backbone_path();

// The contrastive model with these weights (the head too, if there is one).
Model contrastive_model(const Backbone& backbone, uint64_t seed);

// A clustering model: these backbone weights, new cluster heads drawn from `seed`.
Model clustering_model(const Backbone& backbone, int clusters, int heads, uint64_t seed);

// The same statements, for safetensors metadata: image_size, stem, stem_stride, mean, std and
// description; kind and width of features without a network.
std::map<std::string, std::string> backbone_metadata(const Backbone& backbone);

// SHA-256 over the file and these statements, the description apart: what determines the features.
std::string backbone_hash(const Backbone& backbone);

// What people call it in messages: "the starter", or the name of its file.
std::string backbone_name(const Backbone& backbone);

// The plain view that the backbone takes.
ViewRecipe evaluation_recipe_of(const Backbone& backbone);

}  // namespace nolabel
