// For tests: an HTTP server on this machine that misbehaves as told.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {

class TestServer {
 public:
  struct Request {
    int number;          // of the connection, from 0
    std::string path;    // "/file"
    int64_t start = -1;  // of the range asked for; -1: none
  };
  struct Reply {
    int status = 200;
    std::string body = {};
    std::string headers = {};              // lines of their own, each with its end
    size_t cut_after = std::string::npos;  // bytes of the body, then the connection is closed
    bool tells_length = true;
  };
  using Handler = std::function<Reply(const Request&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    NOLABEL_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    NOLABEL_ASSERT(::listen(listener_, 16) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url(const std::string& path = "/file") const {
    return format("http://127.0.0.1:{}{}", port_, path);
  }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  // What a server that knows ranges answers.
  static Reply whole_or_rest(const std::string& body, const Request& request) {
    if (request.start < 0) return {.body = body};
    const auto size = static_cast<int64_t>(body.size());
    if (request.start >= size) return {.status = 416};
    return {.status = 206,
            .body = body.substr(request.start),
            .headers = format("Content-Range: bytes {}-{}/{}\r\n", request.start, size - 1, size)};
  }

 private:
  void serve() {
    for (int connection; (connection = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      answer(connection);
      ::close(connection);
    }
  }

  void answer(int connection) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == text.npos) {
      const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      text.append(buffer, static_cast<size_t>(count));
    }
    Request request;
    request.path = text.substr(4, text.find(' ', 4) - 4);
    const size_t range = text.find("Range: bytes=");
    if (range != text.npos) request.start = std::stoll(text.substr(range + 13));
    {
      const std::lock_guard lock(mutex_);
      request.number = static_cast<int>(requests_.size());
      requests_.push_back(request);
    }
    const Reply reply = handler_(request);
    std::string head = format("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
    if (reply.tells_length) head += format("Content-Length: {}\r\n", reply.body.size());
    send(connection, head + reply.headers + "\r\n" + reply.body.substr(0, reply.cut_after));
  }

  static void send(int connection, const std::string& text) {
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t count =
          ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<size_t>(count);
    }
  }

  Handler handler_;
  int listener_ = -1, port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

// For tests: a port of this machine where nobody answers. It is closed, or `open`: then connections
// are accepted and nothing is ever read or sent.
class DeadPort {
 public:
  explicit DeadPort(bool open) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    NOLABEL_ASSERT(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (open) NOLABEL_ASSERT(::listen(socket_, 16) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  ~DeadPort() { ::close(socket_); }

  std::string url(const std::string& path = "/file") const {
    return format("http://127.0.0.1:{}{}", port_, path);
  }

 private:
  int socket_, port_ = 0;
};

}  // namespace nolabel
