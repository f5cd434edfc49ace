#include "nolabel/neighbors/faiss_plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr const char* library_name = "libnolabel_faiss.so";

std::optional<fs::path> find_library() {
  for (const fs::path& folder : code_folders()) {
    for (const fs::path& place :
         {folder / library_name, folder.parent_path() / "lib" / library_name}) {
      std::error_code error;
      if (fs::exists(place, error)) return place;
    }
  }
  return std::nullopt;
}

const FaissFunctions& load() {
  const std::optional<fs::path> place = find_library();
  if (!place) {
    fail_usage(
        "search must be exact in a build without faiss: {} is not beside the program (install "
        "libfaiss-dev, libblas-dev and liblapack-dev and build again).",
        library_name);
  }
  // Local: nobody else may find the linear algebra in it.
  void* library = dlopen(place->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) fail_system("{} does not load: {}", place->string(), dlerror());
  using Functions = const FaissFunctions*();
  auto* functions = reinterpret_cast<Functions*>(dlsym(library, "nolabel_faiss_functions"));
  if (!functions) fail_system("{} is not of this version: {}", place->string(), dlerror());
  return *functions();
}

}  // namespace

bool faiss_exists() {
  return find_library().has_value();
}

const FaissFunctions& load_faiss() {
  static const FaissFunctions& functions = load();
  return functions;
}

void check_faiss(const char* problem) {
  if (problem) fail_system("faiss failed: {}", problem);
}

}  // namespace nolabel
