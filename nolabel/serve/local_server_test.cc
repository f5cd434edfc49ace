#include "nolabel/serve/local_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <barrier>

#include "nolabel/serve/test_client.h"

namespace nolabel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Serves : public ServerTest {};

TEST_F(Serves, APageToWhoHasItsAddress) {
  start_and_run();
  const std::string path = server->url().substr(server->url().find("/?"));
  EXPECT_EQ(server->url(),
            format("http://127.0.0.1:{}/?token={}", server->port(), server->token()));
  const std::string answer = ask("GET " + path + " HTTP/1.1\r\n" + host() + "\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "page");
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html\r\n"));
}

TEST_F(Serves, EveryAnswerWithTheHeadersThatKeepOthersOut) {
  start_and_run({.content_security_policy = "default-src 'none'"});
  for (const std::string& request :
       {get("/"), get("/unknown"), post("/echo", "{}"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("no HTTP\r\n\r\n")}) {
    const std::string answer = ask(request);
    EXPECT_THAT(
        answer,
        AllOf(HasSubstr("X-Content-Type-Options: nosniff\r\n"),
              HasSubstr("Referrer-Policy: no-referrer\r\n"), HasSubstr("Vary: X-Nolabel-Token\r\n"),
              HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"),
              HasSubstr("X-Frame-Options: DENY\r\n"),
              HasSubstr("Content-Security-Policy: default-src 'none'\r\n"),
              HasSubstr("Cache-Control: no-store\r\n"), Not(HasSubstr("Access-Control"))));
  }
}

TEST_F(Serves, PartsAndQueryDecoded) {
  start();
  server->get("/cached", [](const Request&) {
    return Response{.type = "image/jpeg", .body = "x", .cache = "private, max-age=60"};
  });
  run();
  EXPECT_EQ(body_of(ask(get("/thumb/17"))), "17");
  EXPECT_EQ(body_of(ask(get("/query?image=17&name=a%20%2fb+c&token=x&image=18"))),
            "image=17;name=a /b c;");
  EXPECT_THAT(ask(get("/cached")), HasSubstr("Cache-Control: private, max-age=60\r\n"));
}

TEST_F(Serves, NobodyElse) {
  start_and_run();
  const std::string refused = ask("GET / HTTP/1.1\r\n" + host() + "\r\n");
  EXPECT_EQ(status_of(refused), 403);
  // Nothing tells a path that exists from another one, nor a right token from a wrong one.
  for (const std::string& request :
       {"GET /favicon.ico HTTP/1.1\r\n" + host() + "\r\n",
        "GET /unknown HTTP/1.1\r\n" + host() + "\r\n", "PUT /echo HTTP/1.1\r\n" + host() + "\r\n",
        "GET / HTTP/1.1\r\n" + host() + "X-Nolabel-Token: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.example\r\n" + token() + "\r\n",
        "GET / HTTP/1.1\r\n" + host() + token() + "Origin: http://evil.example\r\n\r\n",
        "GET / HTTP/1.1\r\n" + host() + token() + "Sec-Fetch-Site: cross-site\r\n\r\n",
        "POST /echo?token=" + server->token() + " HTTP/1.1\r\n" + host() +
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "OPTIONS /echo HTTP/1.1\r\n" + host() +
            "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n"}) {
    EXPECT_EQ(ask(request), refused) << request;
  }
  EXPECT_EQ(posts, 0);
  EXPECT_EQ(status_of(ask(get("/"))), 200);
}

TEST_F(Serves, ListensOnThisMachineOnly) {
  start_and_run();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(server->port()));
  // The rest of 127.0.0.0/8 is this machine as well: whoever listens on all addresses answers.
  for (const char* other : {"127.0.0.2", "127.1.2.3"}) {
    const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::inet_pton(AF_INET, other, &address.sin_addr);
    EXPECT_NE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(errno, ECONNREFUSED) << other;
  }
}

TEST_F(Serves, ErrorsOfHandlersAsJson) {
  start();
  std::string log;
  observer.log = [&](Severity, const std::string& text) { log += text + "\n"; };
  server->post("/usage", [](const Request&) -> Response { fail_usage("no \"cluster\" {}", 7); });
  server->post("/data", [](const Request&) -> Response { fail_data("two\nlines"); });
  server->post("/system", [](const Request&) -> Response { fail_system("disk full"); });
  server->get("/defect", [](const Request&) -> Response { throw std::runtime_error("a\r\nb"); });
  server->get("/gone", [](const Request&) { return Response{.status = 404}; });
  server->get("/odd", [](const Request&) -> Response { throw 7; });
  run();
  const std::string usage = ask(post("/usage", "{}"));
  EXPECT_EQ(status_of(usage), 400);
  EXPECT_EQ(body_of(usage), R"({"error":"no \"cluster\" 7"})");
  EXPECT_THAT(usage, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_EQ(body_of(ask(post("/data", "{}"))), R"({"error":"two"})");
  EXPECT_EQ(status_of(ask(get("/gone"))), 404);
  EXPECT_EQ(body_of(ask(get("/gone"))), "");
  EXPECT_EQ(log, "");
  EXPECT_EQ(status_of(ask(post("/system", "{}"))), 500);
  const std::string defect = ask(get("/defect"));
  EXPECT_EQ(status_of(defect), 500);
  EXPECT_THAT(body_of(defect), HasSubstr(R"({"error":"a)"));
  EXPECT_EQ(status_of(ask(get("/odd"))), 500);
  stop();
  EXPECT_THAT(log, AllOf(HasSubstr("POST /system failed: disk full"),
                         HasSubstr("GET /defect failed"), HasSubstr("GET /odd failed")));
}

TEST_F(Serves, OtherMethodsAndUnknownPathsAreNamed) {
  start_and_run();
  EXPECT_EQ(status_of(ask(get("/unknown"))), 404);
  const std::string wrong = ask(post("/", "{}"));
  EXPECT_EQ(status_of(wrong), 405);
  EXPECT_THAT(wrong, HasSubstr("Allow: GET\r\n"));
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH"}) {
    EXPECT_EQ(status_of(ask(std::string(method) + " / HTTP/1.1\r\n" + host() + token() + "\r\n")),
              405);
  }
  TestClient client(server->port());
  client.send("HEAD / HTTP/1.1\r\n" + host() + token() + "\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("HTTP/1.1 405"));
}

TEST_F(Serves, ManyRequestsOfOneConnection) {
  start_and_run();
  TestClient client(server->port());
  for (int i = 0; i < 50; ++i) {
    client.send(i % 2 ? get("/thumb/" + std::to_string(i)) : post("/echo", std::to_string(i)));
    const std::string answer = client.answer();
    EXPECT_EQ(body_of(answer), std::to_string(i));
    EXPECT_THAT(answer, HasSubstr("Connection: keep-alive\r\n"));
  }
  client.send(get("/unknown") + get("/thumb/1") + post("/echo", "2") + get("/thumb/3"));
  EXPECT_EQ(status_of(client.answer()), 404);
  for (const char* body : {"1", "2", "3"}) EXPECT_EQ(body_of(client.answer()), body);
  client.send("GET / HTTP/1.1\r\n" + host() + token() + "Connection: close\r\n\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.is_closed_within(std::chrono::seconds(10)));
}

TEST_F(Serves, AnswersWholeWhateverTheBrowserOffers) {
  start();
  const std::string large(5'000'000, 'x');
  server->get("/large", [&](const Request&) { return Response{.body = large}; });
  run();
  const std::string answer =
      ask("GET /large HTTP/1.1\r\n" + host() + token() +
          "Accept-Encoding: gzip, deflate, br\r\nRange: bytes=1-2,5-7\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), large);
}

TEST_F(Serves, GetsSideBySideAndPostsOneByOne) {
  start();
  std::barrier all_here(3);  // which no single thread could pass
  server->get("/together", [&](const Request&) {
    all_here.arrive_and_wait();
    return Response{};
  });
  std::atomic<int> inside{0}, most{0};
  server->post("/alone", [&](const Request&) {
    most = std::max(most.load(), ++inside);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --inside;
    return Response{};
  });
  run();
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(server->port()).send(get("/together"));
  for (TestClient& client : clients) EXPECT_EQ(status_of(client.answer()), 200);
  for (TestClient& client : clients) client.send(post("/alone", "{}"));
  for (TestClient& client : clients) EXPECT_EQ(status_of(client.answer()), 200);
  EXPECT_EQ(most, 1);
}

TEST_F(Serves, APortInUseIsSaid) {
  start();
  try {
    const LocalServer second({.port = server->port()});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_EQ(std::string(error.what()),
              format("port {} is in use by another program: choose another one, or 0 for any free "
                     "one",
                     server->port()));
  }
  EXPECT_THROW(LocalServer({.port = 65536}), Error);
  EXPECT_THROW(LocalServer({.port = -1}), Error);
}

TEST_F(Serves, TheSamePortAgainAfterItsEnd) {
  start_and_run();
  const int port = server->port();
  ask(get("/"));
  stop();
  server.reset();
  EXPECT_EQ(LocalServer({.port = port}).port(), port);
}

TEST_F(Serves, SignalsAreLeftToTheProgram) {
  struct sigaction before {
  }, after{};
  before.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &before, nullptr);
  start();
  const std::string large(20'000'000, 'x');
  server->get("/large", [&](const Request&) { return Response{.body = large}; });
  run();
  // The browser goes away in the middle of an answer, and SIGPIPE would end this process.
  for (int i = 0; i < 3; ++i) {
    TestClient client(server->port());
    client.send(get("/large"));
    client.close();
  }
  EXPECT_EQ(status_of(ask(get("/"))), 200);
  stop();
  ::sigaction(SIGPIPE, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace nolabel
