// Which backbone weights are of: from their names and shapes, and from what their file states.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "nolabel/model/model.h"

namespace nolabel {

// What a file states about its weights, in FILE.backbone.json or in safetensors' __metadata__:
// "architecture" with the parameters of its description, how pictures become views
// (stated_views.h), "labels", and "description" for people; of a program also its file, "program".
// Files before nolabel 0.2 lack some of them.
using Statements = std::map<std::string, std::string>;

// Whose labels took part in training a backbone, as `labels` states it. Another text names the data
// set; an empty one means that this is unknown.
inline constexpr const char* labels_none = "none";
inline constexpr const char* labels_imagenet = "imagenet";
inline constexpr const char* labels_captions = "captions";  // texts that came with the images

struct RecognisedBackbone {
  BackboneDescription network;
  // Of the views it was trained on: the side as asked for, stated, or as the architecture has it.
  Preprocessing views;
  std::string labels;      // as stated, or empty
  std::string assumption;  // for people: what nobody stated and had to be assumed, or empty
};

// The backbone whose tensors are among `state`. What leaves no trace in names and shapes comes from
// the statements. image_size 0: as stated. `file` is named in errors. Throws Error(Fault::usage)
// when the weights are of no known architecture, Error(Fault::data) when the statements are
// malformed or do not fit the weights. Features that were given, and a program (with its width and
// its content), are there by statement alone.
RecognisedBackbone recognise_backbone(const StateDict& state, const Statements& statements,
                                      int image_size, const std::filesystem::path& file);

// The same of a program with this content, which the file is: everything but the content and the
// width is stated or assumed.
RecognisedBackbone recognise_program(const KnownProgram& program, const Statements& statements,
                                     int image_size, const std::filesystem::path& file);

// What recognise_backbone() has to read to get these views.
Statements backbone_statements(const BackboneDescription& network, const Preprocessing& views,
                               const std::string& labels);

// Of these statements, those that determine features and that the weights do not tell.
Statements statements_beside_weights(const Statements& statements);

// Throws Error(Fault::usage), listing the tensors that differ, unless `state` is of `architecture`
// as it is published for images of this size; parameters that images do not settle (width) may be
// any. `file` holds the state.
void require_published(const std::string& architecture, int image_size,
                       const BackboneDescription& network, const StateDict& state,
                       const std::filesystem::path& file);

}  // namespace nolabel
