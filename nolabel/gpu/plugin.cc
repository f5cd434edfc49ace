#include "nolabel/gpu/plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/format.h"
#include "nolabel/gpu/driver.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr const char* plugin_name = "libnolabel_cuda.so";

// Global: LibTorch's own libraries find each other's symbols; never unloaded.
CudaPlugin load_from(const fs::path& place) {
  void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (!library) return {.problem = format("{} does not load: {}", place.string(), dlerror())};
  using Functions = const CudaFunctions*();
  auto* const functions = reinterpret_cast<Functions*>(dlsym(library, "nolabel_cuda_functions"));
  if (!functions) {
    return {.problem = format("{} is not of this version: {}", place.string(), dlerror())};
  }
  return {.problem = "", .functions = functions()};
}

CudaPlugin load() {
  if (!query_cuda_driver().found) return {.problem = "there is no NVIDIA driver (libcuda.so.1)"};
  for (const fs::path& folder : code_folders()) {
    for (const fs::path& place :
         {folder / plugin_name, folder.parent_path() / "lib" / plugin_name}) {
      std::error_code error;
      if (fs::exists(place, error)) return load_from(place);
    }
  }
  return {.problem =
              format("{} is not beside the program: this is a build without CUDA", plugin_name)};
}

}  // namespace

const CudaPlugin& load_cuda_plugin() {
  static const CudaPlugin plugin = load();
  return plugin;
}

}  // namespace nolabel
