// The backbone a run starts from: a file, another run, or one that comes with nolabel.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "nolabel/augment/recipe.h"
#include "nolabel/augment/settings.h"
#include "nolabel/backbones/catalogue.h"
#include "nolabel/model/model.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/model/program.h"
#include "nolabel/model/recognise.h"
#include "nolabel/model/state_parts.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct Backbone {
  BackboneDescription network;
  int image_size = 32;          // of the views it was trained on
  NormalizeSettings normalize;  // of those views
  // How pictures are kept for those views, where this is not as the network was published.
  std::optional<PictureSize> pictures;
  // Whose labels took part in its training: "none", "imagenet" or another data set's name; empty:
  // unknown. Figures made with the backbone are shown together with these labels.
  std::string labels;
  StateDict state;  // of the backbone, and of its head if it came with one
  std::shared_ptr<const BackboneProgram> program{};  // instead of weights, where it is a program
  std::optional<ProjectionHead> head;                // behind it
  std::string origin;  // for people: "starter backbone (CIFAR-10, SimCLR …)"
  // For people: what nobody stated and had to be assumed (the size of the images, which of several
  // networks in the file is meant), or empty.
  std::string assumption;
  std::filesystem::path file;
  std::string name;  // of a backbone that nolabel knows by name; empty for others
};

// `name`: "starter", "photos", a published backbone on this machine (backbones/catalogue.h), a
// weights file, a folder of Hugging Face or timm, a run directory (its pretext model), or a
// TorchScript program; image_size: of the views in pixels, 0 to leave it to the file.
//
// A program is run only where `programs` allows it, and is then the backbone even if its weights
// could be read. Otherwise its weights are read, as those of other files, and it is refused where
// they are of no network that nolabel has. `known`: the file was a program before, which is not run
// now but when features are needed.
//
// Errors as backbone_of() and BackboneProgram, Error(Fault::usage) when there is no such file, and
// Error(Fault::system) when a named backbone is not installed.
Backbone load_backbone(const std::string& name, int image_size = 0,
                       const ProgramAccess& programs = {},
                       const std::optional<KnownProgram>& known = {});

// For people: what Backbone::labels means for figures made with the backbone. Empty where the
// labels are unknown.
std::string labels_text(const std::string& labels);

// Throws Error(Fault::data) when the network in a file is not of the published kind.
void require_network_of(const PublishedBackbone& published, const BackboneDescription& network,
                        const std::filesystem::path& file);

// Throws Error(Fault::usage) for the model of a run that was made from features, which has no
// network for images.
void require_takes_images(const Backbone& backbone);

// Throws Error(Fault::usage) when the user has asked to run the backbone and it was read as
// weights.
void require_use_of_program(const Backbone& backbone, const Environment& environment);

// True for "starter", "photos" and published backbones, which are no paths.
bool is_backbone_name(const std::string& name);

// The backbone among the weights of `file`, a contrastive or a clustering model. Weights do not
// tell everything (image size, normalisation, labels): that comes from `image_size` if it is not 0,
// from FILE.backbone.json or the file's metadata, from the content of weights that nolabel knows,
// else from the architecture, which may be an `assumption`. Heads may stand alone on a program,
// which the statements name; it is neither looked for nor run now. Throws Error(Fault::usage) when
// the weights are of another network, Error(Fault::data) when the statements are malformed.
Backbone backbone_of(const std::filesystem::path& file, WeightsInFile weights, int image_size = 0,
                     const ProgramAccess& programs = {});

// Writes FILE.backbone.json: what backbone_of() has to know beside the weights.
void write_backbone_metadata(const std::filesystem::path& file, const Backbone& backbone);

// The contrastive model with these weights (the head too, if there is one).
Model contrastive_model(const Backbone& backbone, uint64_t seed);

// A clustering model: these backbone weights, new cluster heads drawn from `seed`.
Model clustering_model(const Backbone& backbone, int clusters, int heads, uint64_t seed);

// The same statements, for safetensors metadata (model/recognise.h).
Statements backbone_metadata(const Backbone& backbone);

// SHA-256 over the file and those of its statements that determine features beside it.
std::string backbone_hash(const Backbone& backbone);

// What people call it in messages: "starter", or the name of its file.
std::string backbone_name(const Backbone& backbone);

NormalizeSettings normalization(const Preprocessing& views);
// Gives the views another side, in pixels. Pictures are kept in proportion.
void resize_views(Backbone& backbone, int image_size);
// How pictures are kept for its views.
PictureSize picture_size(const Backbone& backbone);
// The plain view that the backbone takes.
ViewRecipe evaluation_recipe_of(const Backbone& backbone);

}  // namespace nolabel
