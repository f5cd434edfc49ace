// "~" in a path, for paths that no shell has read: those in configs.
#pragma once

#include <string>

namespace nolabel {

// The path with a leading "~" or "~/" as the user's home folder, and "~name" as that of the user
// `name`. Other paths stay as they are. Throws Error(Fault::usage) when there is no such user or
// home folder.
std::string expand_home(const std::string& path);

}  // namespace nolabel
