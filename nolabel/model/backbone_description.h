// What a backbone is, as data: the name of an architecture and its parameters, as texts. A file's
// metadata, a run's FILE.backbone.json and a model's settings all hold this; what the names mean
// only the architecture's own file knows (architecture.h).
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "nolabel/image/picture_size.h"

namespace nolabel {

struct BackboneDescription {
  // One of architecture_names(), or that of given_features() or of program_description().
  std::string architecture = "resnet18";
  std::map<std::string, std::string> parameters;  // those that are left out have their defaults

  // D, the width of the features. Errors as Model's constructor.
  int dimensions() const;
  // False when the features are given: there is no network and no image.
  bool takes_images() const;
  // True when the network is somebody's program (program.h), which is never trained.
  bool is_program() const;
  bool operator==(const BackboneDescription&) const = default;
};

// Features that somebody else made, [N,D]: a backbone that passes them on.
BackboneDescription given_features(int dimensions);

// What is known of a program that was a backbone before.
struct KnownProgram {
  std::string sha256;  // of its file: 64 lower-case hexadecimal digits
  int dimensions = 0;  // D
  bool operator==(const KnownProgram&) const = default;
};
BackboneDescription program_description(const KnownProgram& program);
// The other way, of a description that is_program().
KnownProgram known_program(const BackboneDescription& description);

// The same description with every parameter written out. Error(Fault::usage) when the architecture
// or one of its parameters is unknown.
BackboneDescription completed(BackboneDescription description);

// By which parameters, beside the weights, features of this backbone are known. Errors as
// completed().
std::map<std::string, std::string> identifying_parameters(const BackboneDescription& description);

// completed(), with what was left to the size of the images ("auto") settled for this size.
BackboneDescription settled_for(const BackboneDescription& description, int image_size);
// The same for all that a size of images may settle, whatever the description says of it: the
// architecture as it is published for images of this size.
BackboneDescription published_for(BackboneDescription description, int image_size);

// For people: "resnet18 (cifar stem, width 64)".
std::string describe(const BackboneDescription& description);

// The architectures that weights can be of, in the order in which they are offered.
std::vector<std::string> architecture_names();

// How a picture becomes the plain view that a backbone takes: it is resized, a square of
// `view_size` pixels is cut from the middle, and levels in 0..1 are normalised.
struct Preprocessing {
  int view_size = 32;
  PictureSize pictures;                // before the square is cut
  std::array<float, 3> mean{}, std{};  // red, green, blue
};

// image_size: side of the views in pixels; 0: that of the images it is published for.
Preprocessing preprocessing(const BackboneDescription& description, int image_size = 0);

}  // namespace nolabel
