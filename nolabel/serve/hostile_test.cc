#include <gmock/gmock.h>

#include <random>

#include "nolabel/serve/test_client.h"

namespace nolabel {
namespace {

using std::chrono::milliseconds;
using testing::AnyOf;
using testing::HasSubstr;

class Survives : public ServerTest {
 protected:
  // After all that, the page is served as before.
  void TearDown() override { EXPECT_EQ(body_of(ask(get("/"))), "page"); }

  std::string post_with(const std::string& headers, const std::string& body) const {
    return "POST /echo HTTP/1.1\r\n" + host() + token() + "Content-Type: application/json\r\n" +
           headers + "\r\n" + body;
  }
};

TEST_F(Survives, PathsThatLeadElsewhere) {
  start_and_run();
  for (const std::string& path :
       {std::string("/thumb/..%2f..%2fetc%2fpasswd"), std::string("/thumb/../../etc/passwd"),
        std::string("/thumb/%2e%2e"), std::string("/thumb/1%2f2"), std::string("/thumb%2f1"),
        std::string("/thumb/1%00"), std::string("/%"), std::string("/%zz"), std::string("/thumb/%"),
        std::string("/thumb/\xff\xfe"), std::string("//"), std::string("*"), std::string("page"),
        std::string("/thumb/1\t2"), std::string("http://127.0.0.1/"),
        "/thumb/" + std::string(5000, '/'), "/" + std::string(7000, 'a')}) {
    EXPECT_EQ(status_of(ask(get(path))), 404) << path;
  }
  for (const std::string& path : {std::string("/thumb/1\0", 9), std::string("\0/", 2),
                                  std::string("/thumb/1 2"), std::string("/?a?b?c")}) {
    EXPECT_EQ(status_of(ask(get(path))), 400) << path;
  }
}

TEST_F(Survives, LinesThatAreTooLong) {
  start_and_run();
  EXPECT_EQ(status_of(ask(get("/" + std::string(9000, 'a')))), 414);
  EXPECT_EQ(status_of(ask(get("/" + std::string(1'000'000, 'a')))), 431);
  EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\n" + host() + token() + "X: " + std::string(9000, 'x') +
                          "\r\n\r\n")),
            400);
  std::string many = "GET / HTTP/1.1\r\n" + host() + token();
  for (int i = 0; i < 100'000; ++i) many += "X: y\r\n";
  EXPECT_EQ(status_of(ask(many + "\r\n")), 431);
  EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\n" + host() + token() +
                          "Range: bytes=" + std::string(8000, '1') + "-\r\n\r\n")),
            416);
}

TEST_F(Survives, BytesThatAreNoHttp) {
  start_and_run();
  for (const std::string& garbage :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("GET /\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("get / HTTP/1.1\r\n\r\n"),
        std::string("BREW / HTTP/1.1\r\n\r\n"), std::string(1000, '\0') + "\r\n\r\n",
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("\x16\x03\x01\x02\r\n\r\n")}) {
    EXPECT_EQ(status_of(ask(garbage)), 400);
  }
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string noise = i % 2 ? get("/") : "";
    for (int j = 0; j < 300; ++j) {
      const char byte = static_cast<char>(random());
      if (i % 2) {
        noise[random() % noise.size()] = byte;
      } else {
        noise += byte;
      }
      if (i % 2 && j > i / 10) break;
    }
    const int status = status_of(ask(noise + "\r\n\r\n"));
    EXPECT_THAT(status, AnyOf(200, 400, 403, 404, 405, 411, 415, 416));
  }
}

TEST_F(Survives, BodiesThatAreNotWhatTheHeadSays) {
  start_and_run({.most_body = 1000});
  EXPECT_EQ(body_of(ask(post_with("Content-Length: 1000\r\n", std::string(1000, 'x')))),
            std::string(1000, 'x'));
  EXPECT_EQ(status_of(ask(post_with("Content-Length: 1001\r\n", ""))), 413);
  EXPECT_EQ(status_of(ask(post_with("Content-Length: 99999999999999999999\r\n", "{}"))), 413);
  EXPECT_EQ(status_of(ask(post_with("Content-Length: -1\r\n", "{}"))), 400);
  EXPECT_EQ(status_of(ask(post_with("", "{}"))), 411);
  EXPECT_EQ(status_of(ask(post_with("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"))),
            411);
  EXPECT_EQ(
      status_of(ask(post_with("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "\x1f\x8b\x08"))),
      415);
  EXPECT_EQ(posts, 1);
}

TEST_F(Survives, ABodyLongerThanItsLength) {
  start_and_run();
  TestClient client(server->port());
  client.send(post_with("Content-Length: 2\r\n", "{}and more that is no request\r\n\r\n"));
  EXPECT_EQ(body_of(client.answer()), "{}");
  EXPECT_EQ(status_of(client.answer()), 400);
  EXPECT_EQ(client.answer(), "");
  EXPECT_EQ(posts, 1);
}

TEST_F(Survives, ARefusedBodyThatHoldsARequest) {
  start_and_run();
  TestClient client(server->port());
  const std::string inner = post("/echo", "{}");
  client.send("POST /echo HTTP/1.1\r\n" + host() +
              format("Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n", inner.size()) +
              inner);
  EXPECT_EQ(status_of(client.answer()), 403);
  EXPECT_EQ(client.answer(), "");
  EXPECT_EQ(posts, 0);
}

TEST_F(Survives, TheAnswerToARefusedBodyArrives) {
  start_and_run({.most_body = 1000});
  TestClient client(server->port());
  // Closing a socket with unread bytes would reset the connection and lose the answer.
  client.send(post_with("Content-Length: 5000000\r\n", std::string(5'000'000, 'x')));
  EXPECT_EQ(status_of(client.answer()), 413);
}

TEST_F(Survives, ABodyThatDoesNotCome) {
  start_and_run({.body_time = milliseconds(50)});
  EXPECT_EQ(status_of(ask(post_with("Content-Length: 10\r\n", "{}"))), 400);
  EXPECT_EQ(posts, 0);
}

TEST_F(Survives, AnAnswerThatNobodyTakes) {
  start({.threads = 1, .body_time = milliseconds(50)});
  const std::string large(50'000'000, 'x');
  server->get("/large", [&](const Request&) { return Response{.body = large}; });
  run();
  TestClient client(server->port());
  client.send(get("/large"));
  EXPECT_EQ(status_of(ask(get("/"))), 200);  // the only thread is free again
  EXPECT_LT(client.answer().size(), large.size());
}

TEST_F(Survives, ASlowHead) {
  start_and_run({.threads = 1, .head_time = milliseconds(200)});
  TestClient slow(server->port());
  const std::string bytes = get("/");
  for (size_t i = 0; i < 5; ++i) {
    slow.send(bytes.substr(i, 1));
    EXPECT_EQ(status_of(ask(get("/"))), 200);  // it holds no thread
  }
  // The time counts from the first byte: more bytes do not prolong it.
  const auto begin = std::chrono::steady_clock::now();
  for (size_t i = 5; i < bytes.size() && !slow.is_closed_within(milliseconds(20)); ++i) {
    slow.send(bytes.substr(i, 1));
  }
  EXPECT_TRUE(slow.is_closed_within(milliseconds(0)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(20) * bytes.size());
}

TEST_F(Survives, AHeadInSingleBytes) {
  start_and_run();
  TestClient client(server->port());
  for (const char byte : post("/echo", "{}")) client.send(std::string(1, byte));
  EXPECT_EQ(body_of(client.answer()), "{}");
}

TEST_F(Survives, ManyConnectionsThatSayNothing) {
  start_and_run({.most_connections = 16});
  std::vector<TestClient> silent;
  for (int i = 0; i < 200; ++i) silent.emplace_back(server->port());
  EXPECT_EQ(status_of(ask(get("/"))), 200);
  // The ones that waited longest have been closed for it.
  for (int i = 0; i < 150; ++i)
    EXPECT_TRUE(silent[static_cast<size_t>(i)].is_closed_within(milliseconds(10'000)));
  silent.back().send(get("/"));
  EXPECT_EQ(status_of(silent.back().answer()), 200);
}

TEST_F(Survives, AConnectionThatSaysNothingIsClosed) {
  start_and_run({.idle_time = milliseconds(30)});
  TestClient client(server->port());
  EXPECT_TRUE(client.is_closed_within(milliseconds(10'000)));
}

TEST_F(Survives, HalfARequestAndAnEnd) {
  start_and_run();
  for (size_t length = 0; length < get("/").size(); ++length) {
    TestClient client(server->port());
    client.send(get("/").substr(0, length));
    client.close();
  }
}

}  // namespace
}  // namespace nolabel
