// The program `nolabel`: settles what OpenMP reads before any of its code runs, then loads the
// program proper, libnolabel_program.so, from beside it or from ../lib.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace {

namespace fs = std::filesystem;

constexpr const char* library_name = "libnolabel_program.so";
constexpr int system_failure = 4;  // as everywhere in nolabel

// At the end of each parallel region GNU OpenMP's threads spin for milliseconds before they sleep,
// and so keep whoever has work from the processor: where other programs run, too, small steps
// become a hundred times slower. A short spin costs an idle machine nothing that can be measured
// (docs/performance.md).
void keep_openmp_from_spinning() {
  if (!std::getenv("OMP_WAIT_POLICY")) setenv("GOMP_SPINCOUNT", "10000", /*overwrite=*/0);
}

void* load_program() {
  std::error_code error;
  const fs::path folder = fs::canonical("/proc/self/exe", error).parent_path();
  for (const fs::path& place :
       {folder / library_name, folder.parent_path() / "lib" / library_name}) {
    if (!fs::exists(place, error)) continue;
    void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!library) std::fprintf(stderr, "nolabel: %s\n", dlerror());
    return library;
  }
  std::fprintf(stderr, "nolabel: %s must lie beside the program or in ../lib. It does not.\n",
               library_name);
  return nullptr;
}

}  // namespace

int main(int count, char** words) {
  keep_openmp_from_spinning();
  void* library = load_program();
  if (!library) return system_failure;
  using Program = int(int, char**);
  auto* program = reinterpret_cast<Program*>(dlsym(library, "nolabel_program"));
  if (!program) {
    std::fprintf(stderr, "nolabel: %s\n", dlerror());
    return system_failure;
  }
  return program(count, words);
}
