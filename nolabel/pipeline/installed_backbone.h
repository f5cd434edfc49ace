// The backbones that come with nolabel, and where their files lie.
#pragma once

#include <filesystem>
#include <optional>

namespace nolabel {

// Names of the backbones that come with nolabel: for small images, trained without labels, and for
// photos, trained with ImageNet's labels (Backbone::labels).
inline constexpr const char* starter_backbone = "starter";
inline constexpr const char* photos_backbone = "photos";

// Where the starter backbone lies: NOLABEL_STARTER, beside the installed program or library
// (../share/nolabel), or in the source tree. Throws Error(Fault::system) when it is in none.
std::filesystem::path starter_backbone_path();

// Where the backbone for photos lies: NOLABEL_PHOTOS, beside the installed program or library
// (../share/nolabel), or in .deps of the source tree, where tools/setup.sh puts it. Throws
// Error(Fault::system) when it is in none; find_photos_backbone() says so by its result.
std::filesystem::path photos_backbone_path();
std::optional<std::filesystem::path> find_photos_backbone();

}  // namespace nolabel
