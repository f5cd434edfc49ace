#include "nolabel/base/home_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Empty when there is none.
std::string home_of(const std::string& user) {
  const char* home = user.empty() ? std::getenv("HOME") : nullptr;
  if (home && *home) return home;
  const passwd* entry = user.empty() ? ::getpwuid(::getuid()) : ::getpwnam(user.c_str());
  return entry && entry->pw_dir ? entry->pw_dir : "";
}

}  // namespace

std::string expand_home(const std::string& path) {
  if (!path.starts_with('~')) return path;
  const size_t slash = std::min(path.find('/'), path.size());
  const std::string user = path.substr(1, slash - 1);
  const std::string home = home_of(user);
  if (home.empty()) {
    fail_usage("{} must begin with a home folder that exists. There is none{}.", path,
               user.empty() ? std::string() : " of a user " + user);
  }
  return home + path.substr(slash);
}

}  // namespace nolabel
