// What the server answers with, which all its threads share.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "nolabel/serve/gate.h"
#include "nolabel/serve/message.h"
#include "nolabel/serve/routes.h"

namespace nolabel {

struct Site {
  Gate gate;
  Routes routes;
  std::string content_security_policy;
  std::function<void(const std::string&)> warn;  // from any thread; may be empty
  std::mutex one_post;
  std::atomic<bool> stopping{false};
};

// Calls the handler, one POST at a time, and turns what it throws into a response. Once the server
// is stopping, no handler is called.
Response answer(Site& site, const Routes::Route& route, const Request& request);

}  // namespace nolabel
