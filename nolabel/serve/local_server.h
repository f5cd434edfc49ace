// A web server for one person on this machine: it serves one page, its pictures and its requests.
//
//   LocalServer server({.port = 0});
//   server.get("/thumb/{index}", [](const Request& request) { … });
//   observer.note("open " + server.url());
//   server.run(observer);  // until observer.cancel is used
//
// It listens on 127.0.0.1 only and answers nobody without the token of url() (gate.h). It knows no
// files: a path is answered by the handler of its pattern (routes.h) or not at all. What a client
// can make it keep is bounded: connections, the head of a request, a body, and the time of each.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "nolabel/record/observer.h"
#include "nolabel/serve/message.h"

namespace nolabel {

struct ServerOptions {
  int port = 0;                                 // 0: any free one
  size_t most_body = 64 << 20;                  // bytes; a longer body is answered with 413
  size_t most_head = 16 << 10;                  // bytes of the first line and the headers: 431
  size_t most_connections = 64;                 // one more closes the one that waited longest
  int threads = 4;                              // which answer requests
  std::chrono::milliseconds head_time{10'000};  // for a head, from its first byte
  std::chrono::milliseconds body_time{30'000};  // for a body, and for taking an answer
  std::chrono::milliseconds idle_time{60'000};  // of a connection without a request
  std::string content_security_policy =
      "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; connect-src 'self'";
};

class LocalServer {
 public:
  // Listens from now on; who connects waits until run(). Throws Error(system) with advice when the
  // port cannot be had.
  explicit LocalServer(const ServerOptions& options = {});
  ~LocalServer();

  // Before run(). Patterns are explained in routes.h. Handlers of GET run side by side; those of
  // POST one at a time, but beside those of GET.
  void get(const std::string& pattern, Handler handler);
  void post(const std::string& pattern, Handler handler);

  int port() const;
  const std::string& token() const;
  std::string url() const;  // "http://127.0.0.1:PORT/?token=TOKEN"

  // Until observer.cancel is used. Then it returns within 200 ms, or when the handlers that are
  // running have ended; no other begins. Handlers that fail with 500 are warned about. A signal
  // handler or another thread uses the token. Installs no signal handler.
  void run(const Observer& observer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nolabel
