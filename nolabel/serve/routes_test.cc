#include "nolabel/serve/routes.h"

#include <gmock/gmock.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::Pair;

Handler says(const std::string& text) {
  return [text](const Request&) { return Response{.body = text}; };
}

std::string found(const Routes& routes, const std::string& method, const std::string& path) {
  const Routes::Found found = routes.find(method, path);
  return found.route ? found.route->handler({}).body : "none";
}

Routes some_routes() {
  Routes routes;
  routes.add("GET", "/", says("page"));
  routes.add("GET", "/api/editor", says("editor"));
  routes.add("POST", "/api/editor", says("posted"));
  routes.add("GET", "/thumb/{index}", says("thumb"));
  routes.add("GET", "/a/{one}/b/{two}", says("two"));
  return routes;
}

TEST(Routes, FindTheHandlerOfAPath) {
  const Routes routes = some_routes();
  EXPECT_EQ(found(routes, "GET", "/"), "page");
  EXPECT_EQ(found(routes, "GET", "/api/editor"), "editor");
  EXPECT_EQ(found(routes, "POST", "/api/editor"), "posted");
  EXPECT_EQ(found(routes, "GET", "/thumb/17"), "thumb");
  EXPECT_THAT(routes.find("GET", "/a/x-1/b/2.y").parts,
              ElementsAre(Pair("one", "x-1"), Pair("two", "2.y")));
}

TEST(Routes, NothingElseIsFound) {
  const Routes routes = some_routes();
  for (const std::string& path : {std::string(""),
                                  std::string("*"),
                                  std::string("//"),
                                  std::string("/api"),
                                  std::string("/api/"),
                                  std::string("/api/editor/"),
                                  std::string("//api/editor"),
                                  std::string("/API/editor"),
                                  std::string("/thumb/"),
                                  std::string("/thumb"),
                                  std::string("/thumb/1/2"),
                                  std::string("/thumb/1%2F2"),
                                  std::string("/thumb%2F1"),
                                  std::string("/thumb/%31"),
                                  std::string("/thumb/.."),
                                  std::string("/thumb/."),
                                  std::string("/thumb/../api/editor"),
                                  std::string("/./api/editor"),
                                  std::string("/thumb/%00"),
                                  std::string("/thumb/1\0", 9),
                                  std::string("/thumb/a\\b"),
                                  std::string("/thumb/\xc3\xa4"),
                                  std::string("/thumb/ "),
                                  std::string("/etc/passwd"),
                                  std::string("http://127.0.0.1/")}) {
    EXPECT_EQ(found(routes, "GET", path), "none") << path;
    EXPECT_EQ(routes.find("GET", path).other_methods, "") << path;
  }
}

TEST(Routes, TellTheMethodOfAKnownPath) {
  const Routes routes = some_routes();
  EXPECT_EQ(routes.find("POST", "/thumb/1").route, nullptr);
  EXPECT_EQ(routes.find("POST", "/thumb/1").other_methods, "GET");
}

TEST(Routes, APatternMustBeOne) {
  Routes routes;
  for (const char* pattern : {"", "a", "/{a", "/a b", "/../a", "/%41"}) {
    EXPECT_THROW(routes.add("GET", pattern, says("")), Error) << pattern;
  }
}

}  // namespace
}  // namespace nolabel
