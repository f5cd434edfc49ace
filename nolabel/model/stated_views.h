// What a file states about the views of its weights, as texts: "image_size", "mean" and "std", and
// how pictures are resized before the square of a view is cut from the middle: "short_side",
// "enlarge", "squash" and "interpolation" (docs/formats.md).
#pragma once

#include <filesystem>

#include "nolabel/model/backbone_description.h"
#include "nolabel/model/recognise.h"

namespace nolabel {

// A positive whole number that is stated under this key; 0: nothing is. `file` is named in errors,
// here and below. Throws Error(Fault::data) for another text.
int stated_number(const Statements& statements, const std::string& key,
                  const std::filesystem::path& file);

// The views of `network` of image_size pixels (0: as stated, else as it was published), with what
// is stated about them. A stated short side goes with the stated size of the views: for another
// one, it keeps the proportion. Throws Error(Fault::data) for malformed texts, and for a short side
// that is less than the view's.
Preprocessing stated_views(const BackboneDescription& network, const Statements& statements,
                           int image_size, const std::filesystem::path& file);

// What stated_views() has to read to get these views of `network`. How pictures are resized is
// stated only where it is not as the network was published: files of earlier versions say nothing.
Statements view_statements(const BackboneDescription& network, const Preprocessing& views);

// The code of Pillow, which is the order of Interpolation.
inline constexpr std::array interpolation_names{"nearest", "lanczos", "bilinear",
                                                "bicubic", "box",     "hamming"};

}  // namespace nolabel
