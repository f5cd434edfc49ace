// For tests: a running server, and a client that sends any bytes.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/serve/local_server.h"
#include "nolabel/serve/socket.h"

namespace nolabel {

class TestClient {
 public:
  explicit TestClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    NOLABEL_ASSERT(
        ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // the server has closed, which is for the test to notice
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }

  // The next answer, head and body; what has come of it when the server closes.
  std::string answer() {
    while (true) {
      const size_t head = received_.find("\r\n\r\n");
      if (head != received_.npos) {
        const size_t field = received_.find("Content-Length: ");
        const size_t length = field < head ? std::stoul(received_.substr(field + 16)) : 0;
        const size_t size = head + 4 + length;
        if (received_.size() >= size) return taken(size);
      }
      if (!receive()) return taken(received_.size());
    }
  }

  void await_bytes() const {
    pollfd socket{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    ::poll(&socket, 1, -1);
  }

  // Whether the server closes the connection within the time, and sends nothing before.
  bool is_closed_within(std::chrono::milliseconds time) {
    pollfd socket{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&socket, 1, static_cast<int>(time.count())) > 0 && !receive() &&
           received_.empty();
  }

  void close() { Socket gone = std::move(socket_); }

 private:
  bool receive() {
    char buffer[65536];
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (count > 0) received_.append(buffer, static_cast<size_t>(count));
    return count > 0;
  }
  std::string taken(size_t size) {
    std::string text = received_.substr(0, size);
    received_.erase(0, size);
    return text;
  }

  Socket socket_;
  std::string received_;
};

inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9)) : 0;
}

inline std::string body_of(const std::string& answer) {
  const size_t head = answer.find("\r\n\r\n");
  return head == answer.npos ? "" : answer.substr(head + 4);
}

// A server that runs until the end of the test.
class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override { stop(); }

  void start(ServerOptions options = {}) {
    server = std::make_unique<LocalServer>(options);
    server->get("/", [](const Request&) { return Response{.type = "text/html", .body = "page"}; });
    server->get("/thumb/{index}",
                [](const Request& request) { return Response{.body = request.parts.at("index")}; });
    server->get("/query", [](const Request& request) {
      std::string text;
      for (const auto& [name, value] : request.query) text += name + "=" + value + ";";
      return Response{.body = text};
    });
    server->post("/echo", [this](const Request& request) {
      ++posts;
      return Response{.body = request.body};
    });
  }
  void run() {
    thread = std::thread([this] { server->run(observer); });
  }
  void start_and_run(ServerOptions options = {}) {
    start(options);
    run();
  }
  // Seconds until run() has returned.
  double stop() {
    const auto before = std::chrono::steady_clock::now();
    observer.cancel.request();
    if (thread.joinable()) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  }

  std::string host() const { return format("Host: 127.0.0.1:{}\r\n", server->port()); }
  std::string token() const { return "X-Nolabel-Token: " + server->token() + "\r\n"; }
  std::string get(const std::string& path) const {
    return "GET " + path + " HTTP/1.1\r\n" + host() + token() + "\r\n";
  }
  std::string post(const std::string& path, const std::string& body) const {
    return "POST " + path + " HTTP/1.1\r\n" + host() + token() +
           format("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.size()) +
           body;
  }
  std::string ask(const std::string& bytes) const {
    TestClient client(server->port());
    client.send(bytes);
    return client.answer();
  }

  Observer observer;
  std::unique_ptr<LocalServer> server;
  std::thread thread;
  std::atomic<int> posts{0};
};

}  // namespace nolabel
