#include "nolabel/pipeline/installed_backbone.h"

#include <cstdlib>
#include <vector>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// A file that is installed with nolabel.
struct InstalledFile {
  const char* name;
  const char* variable;      // of the environment, which may name it
  const char* source_place;  // in the source tree
};
constexpr InstalledFile starter_file{"starter.safetensors", "NOLABEL_STARTER", "examples"};
constexpr InstalledFile photos_file{"efficientnet-lite0.pth", "NOLABEL_PHOTOS", ".deps/photos"};

// Where it may lie, in the order of preference.
std::vector<fs::path> places_of(const InstalledFile& file) {
  std::vector<fs::path> places;
  if (const char* path = std::getenv(file.variable)) places.emplace_back(path);
  for (const fs::path& folder : code_folders()) {
    places.push_back(folder.parent_path() / "share" / "nolabel" / file.name);
    places.push_back(folder.parent_path() / file.source_place / file.name);
  }
  return places;
}

std::optional<fs::path> find_installed(const InstalledFile& file) {
  for (const fs::path& place : places_of(file)) {
    if (fs::exists(place)) return place;
  }
  return std::nullopt;
}

std::string folders_of(const InstalledFile& file) {
  std::string folders;
  for (const fs::path& place : places_of(file)) {
    folders += (folders.empty() ? "" : ", ") + place.parent_path().string();
  }
  return folders;
}

}  // namespace

fs::path starter_backbone_path() {
  if (const auto path = find_installed(starter_file)) return *path;
  fail_system(
      "the starter backbone {} is not installed (looked in {}). Name its file in NOLABEL_STARTER.",
      starter_file.name, folders_of(starter_file));
}

std::optional<fs::path> find_photos_backbone() {
  return find_installed(photos_file);
}

fs::path photos_backbone_path() {
  if (const auto path = find_photos_backbone()) return *path;
  fail_system(
      "the backbone for photos {} is not installed (looked in {}). Run tools/setup.sh to fetch the "
      "backbone, or name its file in NOLABEL_PHOTOS.",
      photos_file.name, folders_of(photos_file));
}

}  // namespace nolabel
