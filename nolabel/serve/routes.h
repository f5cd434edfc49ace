// Which handler answers which path.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/serve/message.h"

namespace nolabel {

// A pattern is a path, in which {name} stands for one part between slashes: /thumb/{index}. Paths
// are compared as they were sent. Only letters, digits and - . _ ~ are in a part, and "." and ".."
// are none, so nothing that was encoded or leads elsewhere reaches a handler.
class Routes {
 public:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    Handler handler;
  };
  struct Found {
    const Route* route = nullptr;              // none: unknown
    std::map<std::string, std::string> parts;  // what stands for each {name}
    std::string other_methods;  // without a route: "GET" where the path is known for it
  };

  // Throws Error(internal) for a pattern that is none.
  void add(const std::string& method, std::string_view pattern, Handler handler);
  Found find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace nolabel
