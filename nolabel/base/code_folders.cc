#include "nolabel/base/code_folders.h"

#include <dlfcn.h>

#include <algorithm>
#include <system_error>

namespace nolabel {
namespace fs = std::filesystem;

std::vector<fs::path> code_folders() {
  std::vector<fs::path> folders;
  const auto add_folder_of = [&folders](const fs::path& file) {
    std::error_code error;
    const fs::path folder = fs::canonical(file, error).parent_path();
    if (error || std::find(folders.begin(), folders.end(), folder) != folders.end()) return;
    folders.push_back(folder);
  };
  add_folder_of("/proc/self/exe");
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&code_folders), &info) != 0 && info.dli_fname) {
    add_folder_of(info.dli_fname);
  }
  return folders;
}

}  // namespace nolabel
