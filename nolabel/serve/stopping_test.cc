#include <gmock/gmock.h>

#include <future>

#include "nolabel/serve/test_client.h"

namespace nolabel {
namespace {

using std::chrono::milliseconds;

constexpr double most_seconds = 0.2;

class Ends : public ServerTest {
 protected:
  // The shortest of several times, since a machine that is busy with other work only adds.
  template <class Prepare>
  void expect_soon(Prepare prepare) {
    double shortest = 1e9;
    for (int i = 0; i < 5 && shortest >= most_seconds; ++i) {
      observer.cancel = {};
      prepare();
      shortest = std::min(shortest, stop());
    }
    EXPECT_LT(shortest, most_seconds);
  }
};

TEST_F(Ends, SoonWithoutConnections) {
  expect_soon([this] { start_and_run(); });
}

TEST_F(Ends, BeforeItBeginsWhenTheTokenWasUsed) {
  start();
  observer.cancel.request();
  server->run(observer);
}

TEST_F(Ends, SoonWithConnectionsThatAreOpen) {
  std::unique_ptr<TestClient> used, silent, half, body;
  expect_soon([&] {
    start_and_run();
    used = std::make_unique<TestClient>(server->port());
    used->send(get("/"));
    EXPECT_EQ(status_of(used->answer()), 200);
    silent = std::make_unique<TestClient>(server->port());
    half = std::make_unique<TestClient>(server->port());
    half->send("GET / HT");
    body = std::make_unique<TestClient>(server->port());
    const std::string request = post("/echo", "0123456789");
    body->send(request.substr(0, request.size() - 5));
    EXPECT_EQ(status_of(ask(get("/"))), 200);
  });
  EXPECT_EQ(posts, 0);
  EXPECT_EQ(used->answer(), "");
}

TEST_F(Ends, SoonWithAnAnswerThatNobodyTakes) {
  const std::string large(20'000'000, 'x');
  std::unique_ptr<TestClient> client;
  expect_soon([&] {
    start();
    server->get("/large", [&](const Request&) { return Response{.body = large}; });
    run();
    client = std::make_unique<TestClient>(server->port());
    client->send(get("/large"));
    client->await_bytes();
  });
}

TEST_F(Ends, AfterTheHandlersThatAreRunning) {
  start();
  std::promise<void> running, go_on;
  server->post("/long", [&](const Request&) {
    running.set_value();
    go_on.get_future().wait();
    ++posts;
    return Response{.body = "done"};
  });
  run();
  TestClient client(server->port()), next(server->port());
  client.send(post("/long", "{}"));
  running.get_future().wait();
  next.send(post("/echo", "{}"));
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(100));
    go_on.set_value();
  });
  stop();
  later.join();
  EXPECT_EQ(posts, 1);  // and the one that waited for it did not begin
  EXPECT_EQ(body_of(client.answer()), "done");
  EXPECT_NE(status_of(next.answer()), 200);
}

TEST_F(Ends, AndRunsAgain) {
  start_and_run();
  EXPECT_EQ(status_of(ask(get("/"))), 200);
  stop();
  observer.cancel = {};
  run();
  EXPECT_EQ(status_of(ask(get("/"))), 200);
}

}  // namespace
}  // namespace nolabel
