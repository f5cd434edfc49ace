#include "nolabel/serve/local_server.h"

#include "nolabel/base/error.h"
#include "nolabel/serve/connection_loop.h"
#include "nolabel/serve/http_exchange.h"
#include "nolabel/serve/token.h"
#include "nolabel/serve/workers.h"

namespace nolabel {
namespace {

// One request must not end the program, for example when there is no memory for it.
bool served(HttpExchange& exchange, Connection& connection, std::chrono::milliseconds time,
            const std::atomic<bool>& stopping) {
  try {
    TimedStream stream(connection, time, stopping);
    return exchange.serve(stream);
  } catch (...) {
    return false;
  }
}

}  // namespace

struct LocalServer::State {
  ServerOptions options;
  Socket listener;
  Site site;
};

LocalServer::LocalServer(const ServerOptions& options) : state_(std::make_unique<State>()) {
  NOLABEL_ASSERT(options.threads > 0 && options.most_connections > 0);
  state_->options = options;
  state_->listener = listen_on_this_machine(options.port);
  state_->site.gate = {
      .port = port_of(state_->listener), .token = random_token(), .most_body = options.most_body};
  state_->site.content_security_policy = options.content_security_policy;
}

LocalServer::~LocalServer() = default;

void LocalServer::get(const std::string& pattern, Handler handler) {
  state_->site.routes.add("GET", pattern, std::move(handler));
}

void LocalServer::post(const std::string& pattern, Handler handler) {
  state_->site.routes.add("POST", pattern, std::move(handler));
}

int LocalServer::port() const {
  return state_->site.gate.port;
}

const std::string& LocalServer::token() const {
  return state_->site.gate.token;
}

std::string LocalServer::url() const {
  return format("http://127.0.0.1:{}/?token={}", port(), token());
}

void LocalServer::run(const Observer& observer) {
  const ServerOptions& options = state_->options;
  Site& site = state_->site;
  std::mutex one_warning;
  site.warn = [&](const std::string& text) {
    const std::lock_guard lock(one_warning);
    observer.warn(text);
  };
  site.stopping = false;

  Workers* workers = nullptr;
  ConnectionLoop loop(state_->listener,
                      {.most_connections = options.most_connections,
                       .most_head = options.most_head,
                       .head_time = options.head_time,
                       .idle_time = options.idle_time},
                      [&](Connection connection) { workers->give(std::move(connection)); });
  Workers threads(options.threads, [&]() -> Workers::Work {
    return [&, exchange = std::make_shared<HttpExchange>(site)](Connection connection) {
      const bool reusable = served(*exchange, connection, options.body_time, site.stopping);
      loop.take_back(std::move(connection), reusable);
    };
  });
  workers = &threads;
  loop.run(observer.cancel);
  site.stopping = true;  // and leaving the scope waits for the handlers that are running
}

}  // namespace nolabel
