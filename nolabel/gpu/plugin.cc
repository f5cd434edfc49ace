#include "nolabel/gpu/plugin.h"

#include <dlfcn.h>

#include <array>
#include <climits>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/format.h"
#include "nolabel/gpu/driver.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr const char* plugin_name = "libnolabel_cuda.so";

// The CUDA libraries of the LibTorch that this process has, which lie beside it. The plug-in names
// them, but the loader does not look there where a package of Python has loaded LibTorch. Returns
// why they are not loaded; empty when they are.
std::string load_cuda_of_libtorch() {
  void* const libtorch = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  std::array<char, PATH_MAX> folder{};
  if (!libtorch || dlinfo(libtorch, RTLD_DI_ORIGIN, folder.data()) != 0) {
    return format("LibTorch is not found in this process: {}", dlerror());
  }
  for (const char* name : {"libc10_cuda.so", "libtorch_cuda.so"}) {
    const fs::path library = fs::path(folder.data()) / name;
    std::error_code error;
    if (!fs::exists(library, error)) {
      return format("the LibTorch in {} is one without CUDA", folder.data());
    }
    if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
      return format("{} does not load: {}", library.string(), dlerror());
    }
  }
  return "";
}

// Global: LibTorch's own libraries find each other's symbols; never unloaded.
CudaPlugin load_from(const fs::path& place) {
  if (std::string problem = load_cuda_of_libtorch(); !problem.empty()) {
    return {.problem = std::move(problem)};
  }
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
