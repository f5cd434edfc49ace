#include "nolabel/image/heif_plugin.h"

#include <dlfcn.h>

#include <optional>
#include <string_view>
#include <system_error>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/format.h"
#include "nolabel/image/missing_library.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr const char* heif_library = "libnolabel_heif.so";
// All reasons begin so, for can_be_read_now().
constexpr std::string_view heif_needs = "HEIC and AVIF need ";

std::optional<fs::path> find_heif_library(const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    for (const fs::path& place :
         {folder / heif_library, folder.parent_path() / "lib" / heif_library}) {
      std::error_code error;
      if (fs::exists(place, error)) return place;
    }
  }
  return std::nullopt;
}

}  // namespace

HeifPlugin load_heif_from(const std::vector<fs::path>& folders) {
  const std::optional<fs::path> place = find_heif_library(folders);
  if (!place) {
    return {.problem = format("{}{}, which must lie beside the program or in ../lib", heif_needs,
                              heif_library)};
  }
  // Local: nobody else may find the codecs that libheif brings.
  void* const library = dlopen(place->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return {.problem = format("{}libheif 1 (Debian and Ubuntu: apt-get install libheif1): {}",
                              heif_needs, dlerror())};
  }
  using Functions = const HeifFunctions*();
  auto* const functions = reinterpret_cast<Functions*>(dlsym(library, "nolabel_heif_functions"));
  if (!functions) {
    return {.problem = format("{}the {} of this version: {}", heif_needs, heif_library, dlerror())};
  }
  return {.problem = "", .functions = functions()};
}

const HeifPlugin& load_heif() {
  static const HeifPlugin plugin = load_heif_from(code_folders());
  return plugin;
}

bool can_be_read_now(std::string_view reason) {
  return reason.starts_with(heif_needs) && load_heif().functions != nullptr;
}

}  // namespace nolabel
