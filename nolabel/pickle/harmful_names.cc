#include "nolabel/pickle/harmful_names.h"

#include <algorithm>
#include <array>

namespace nolabel::pickle {
namespace {

constexpr std::array harmful_modules = {"os",     "posix",     "nt",    "subprocess", "sys",
                                        "shutil", "pty",       "runpy", "imp",        "importlib",
                                        "ctypes", "socket",    "pdb",   "commands",   "code",
                                        "timeit", "webbrowser"};
constexpr std::array harmful_functions = {"eval",       "exec", "execfile",   "compile",
                                          "__import__", "open", "breakpoint", "input"};

}  // namespace

bool is_harmful(std::string_view module, std::string_view name) {
  if (module == "builtins" || module == "__builtin__") {
    return std::ranges::count(harmful_functions, name) > 0;
  }
  // Classes that hold values, as os.stat_result and os._Environ do, are none of the functions.
  const bool is_function = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
  const bool holds_values = name.ends_with("_result") || name.ends_with("_size");
  const std::string_view package = module.substr(0, module.find('.'));
  return is_function && !holds_values && std::ranges::count(harmful_modules, package) > 0;
}

}  // namespace nolabel::pickle
