#include "nolabel/serve/routes.h"

#include <algorithm>
#include <optional>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_name(std::string_view part) {
  return part.size() > 2 && part.front() == '{';
}

// "/a/b" has the parts a and b, "/" has one that is empty.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t length = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, length));
    path.remove_prefix(length);
  }
  return parts;
}

using Parts = std::map<std::string, std::string>;

std::optional<Parts> matched(const std::vector<std::string>& pattern,
                             const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  Parts parts;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (is_name(pattern[i])) {
      if (path[i].empty()) return std::nullopt;
      parts.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parts;
}

bool is_harmless(const std::string& part) {
  return part != "." && part != ".." && std::all_of(part.begin(), part.end(), is_plain);
}

}  // namespace

void Routes::add(const std::string& method, std::string_view pattern, Handler handler) {
  NOLABEL_ASSERT(pattern.starts_with('/'));
  std::vector<std::string> parts = parts_of(pattern);
  for (const std::string& part : parts) {
    NOLABEL_ASSERT(is_harmless(part) || (is_name(part) && part.back() == '}'));
  }
  routes_.push_back({method, std::move(parts), std::move(handler)});
}

Routes::Found Routes::find(std::string_view method, std::string_view path) const {
  if (!path.starts_with('/')) return {};
  const std::vector<std::string> parts = parts_of(path);
  if (!std::all_of(parts.begin(), parts.end(), is_harmless)) return {};
  Found found;
  for (const Route& route : routes_) {
    std::optional<Parts> names = matched(route.pattern, parts);
    if (!names) continue;
    if (route.method == method) return {&route, std::move(*names), ""};
    found.other_methods = route.method;
  }
  return found;
}

}  // namespace nolabel
