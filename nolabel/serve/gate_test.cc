#include "nolabel/serve/gate.h"

#include <gmock/gmock.h>

namespace nolabel {
namespace {

using Pairs = std::multimap<std::string, std::string>;

const Gate gate{.port = 4242, .token = "0123456789abcdef0123456789abcdef", .most_body = 1000};

RequestHead head(const std::string& method, Pairs headers, Pairs query = {}) {
  return {.method = method, .path = "/", .headers = std::move(headers), .query = std::move(query)};
}

// 200 when the request may pass.
int status(const RequestHead& request) {
  const std::optional<Refusal> refused = refusal(gate, request);
  return refused ? refused->status : 200;
}

Pairs with_token(Pairs others = {}) {
  others.emplace("host", "127.0.0.1:4242");
  others.emplace("x-nolabel-token", gate.token);
  return others;
}

int get(const Pairs& others) {
  return status(head("GET", with_token(others)));
}

int post(Pairs others) {
  return status(head("POST", with_token(std::move(others))));
}

TEST(Gate, TheTokenComesInTheHeaderOrTheQueryOfAGet) {
  const Pairs host{{"host", "127.0.0.1:4242"}};
  EXPECT_EQ(get({}), 200);
  EXPECT_EQ(status(head("GET", host, {{"token", gate.token}})), 200);
  EXPECT_EQ(status(head("GET", host)), 403);
  EXPECT_EQ(status(head("GET", host, {{"token", ""}})), 403);
  EXPECT_EQ(status(head("GET", host, {{"token", gate.token}, {"token", gate.token}})), 403);
  EXPECT_EQ(status(head("GET", host, {{"token", gate.token.substr(1)}})), 403);
  EXPECT_EQ(get({{"x-nolabel-token", gate.token}}), 403);
  const Pairs wrong{{"host", "127.0.0.1:4242"}, {"x-nolabel-token", "x"}};
  EXPECT_EQ(status(head("GET", wrong, {{"token", gate.token}})), 403);

  Pairs json = host;
  json.insert({{"content-type", "application/json"}, {"content-length", "2"}});
  EXPECT_EQ(status(head("POST", json, {{"token", gate.token}})), 403);
}

TEST(Gate, OnlyOurOwnHost) {
  const auto of_host = [](const std::string& host) {
    return status(head("GET", {{"host", host}, {"x-nolabel-token", gate.token}}));
  };
  EXPECT_EQ(of_host("127.0.0.1:4242"), 200);
  EXPECT_EQ(of_host("localhost:4242"), 200);
  for (const char* host : {"127.0.0.1", "localhost", "127.0.0.1:4243", "127.0.0.2:4242",
                           "0.0.0.0:4242", "evil.example:4242", "evil.example", "[::1]:4242", "",
                           "127.0.0.1:4242.evil.example", "localhost.:4242"}) {
    EXPECT_EQ(of_host(host), 403) << host;
  }
  EXPECT_EQ(status(head("GET", {{"x-nolabel-token", gate.token}})), 403);
  EXPECT_EQ(get({{"host", "127.0.0.1:4242"}}), 403) << "two hosts";
}

TEST(Gate, OnlyOurOwnOrigin) {
  EXPECT_EQ(get({{"origin", "http://127.0.0.1:4242"}}), 200);
  for (const char* origin :
       {"null", "http://evil.example", "http://localhost:4242", "https://127.0.0.1:4242",
        "http://127.0.0.1:4243", "http://127.0.0.1", "http://127.0.0.1:4242/"}) {
    EXPECT_EQ(get({{"origin", origin}}), 403) << origin;
  }
  EXPECT_EQ(get({{"origin", "http://127.0.0.1:4242"}, {"origin", "null"}}), 403);
}

TEST(Gate, OnlyOurOwnSite) {
  EXPECT_EQ(get({{"sec-fetch-site", "same-origin"}}), 200);
  EXPECT_EQ(get({{"sec-fetch-site", "none"}}), 200);
  for (const char* site : {"cross-site", "same-site", "anything"}) {
    EXPECT_EQ(get({{"sec-fetch-site", site}}), 403) << site;
  }
}

TEST(Gate, OtherMethodsAreRefused) {
  for (const char* method : {"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT"}) {
    EXPECT_EQ(status(head(method, with_token())), 405) << method;
    EXPECT_EQ(status(head(method, {{"host", "127.0.0.1:4242"}})), 403) << method;
  }
}

TEST(Gate, ABodyIsJsonOfAKnownLength) {
  const std::pair<const std::string, std::string> json{"content-type", "application/json"};
  EXPECT_EQ(post({json, {"content-length", "1000"}}), 200);
  EXPECT_EQ(post({{"content-type", "Application/JSON ; charset=utf-8"}, {"content-length", "0"}}),
            200);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                           "multipart/form-data; boundary=application/json", ""}) {
    EXPECT_EQ(post({{"content-type", type}, {"content-length", "2"}}), 415) << type;
  }
  EXPECT_EQ(post({{"content-length", "2"}}), 415);
  EXPECT_EQ(post({json, {"content-length", "2"}, {"content-encoding", "gzip"}}), 415);
  EXPECT_EQ(post({json}), 411);
  EXPECT_EQ(post({json, {"content-length", "2"}, {"transfer-encoding", "chunked"}}), 411);
  for (const char* length : {"1001", "99999999999999999999999999"}) {
    EXPECT_EQ(post({json, {"content-length", length}}), 413) << length;
  }
  for (const char* length : {"-1", "+2", " 2", "2x", "", "0x10"}) {
    EXPECT_EQ(post({json, {"content-length", length}}), 400) << length;
  }
  EXPECT_EQ(post({json, {"content-length", "2"}, {"content-length", "3"}}), 400);
}

TEST(Gate, AGetHasNoBody) {
  EXPECT_EQ(get({{"content-length", "0"}}), 200);
  EXPECT_EQ(get({{"content-length", "2"}}), 400);
  EXPECT_EQ(get({{"transfer-encoding", "chunked"}}), 400);
}

}  // namespace
}  // namespace nolabel
