// The program `nolabel`: settles what OpenMP reads before any of its code runs, then loads the
// program proper, libnolabel_program.so, from beside it or from ../lib.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
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

// No function of these two allocates: there may be nothing left.
[[noreturn]] void end_out_of_memory() {
  constexpr char line[] = "nolabel: out of memory\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
  _exit(system_failure);
}

bool means_no_memory(const char* message) {
  for (const char* words : {"out of memory", "DefaultCPUAllocator", "could not create a memory",
                            "Cannot allocate memory", "Resource temporarily unavailable"}) {
    if (std::strstr(message, words)) return true;
  }
  return false;
}

std::terminate_handler default_terminate = nullptr;

// An exception that nobody can catch: on a thread of a library, in a constructor of a library that
// is being loaded, or where there is no memory for unwinding. When it says that the memory is
// exhausted, the program ends as it does everywhere else in that case.
[[noreturn]] void terminate() {
  try {
    if (const std::exception_ptr exception = std::current_exception()) {
      std::rethrow_exception(exception);
    }
  } catch (const std::bad_alloc&) {
    end_out_of_memory();
  } catch (const std::exception& error) {
    if (means_no_memory(error.what())) end_out_of_memory();
  } catch (...) {  // somebody's own type: not about memory
  }
  default_terminate();
  std::abort();
}

bool main_returned = false;

// GNU OpenMP ends the process itself, after a line that says why, when it can start no thread or
// has no memory.
void at_exit() {
  if (!main_returned) _exit(system_failure);
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
  default_terminate = std::set_terminate(terminate);
  keep_openmp_from_spinning();
  void* library = load_program();
  if (!library) return system_failure;
  using Program = int(int, char**);
  auto* program = reinterpret_cast<Program*>(dlsym(library, "nolabel_program"));
  if (!program) {
    std::fprintf(stderr, "nolabel: %s\n", dlerror());
    return system_failure;
  }
  std::atexit(at_exit);
  const int code = program(count, words);
  main_returned = true;
  return code;
}
