// Who may ask: only the page that this server has sent, in a browser on this machine.
//
// Every page of the web can make a browser send requests to 127.0.0.1. The gate refuses them before
// anything else looks at them:
//   - without the token nothing is answered, so nobody learns what exists;
//   - a Host other than our own comes from a foreign name that was made to mean 127.0.0.1 (DNS
//     rebinding);
//   - a foreign Origin or Sec-Fetch-Site is a foreign page;
//   - a POST needs headers that a foreign page cannot set without asking first, and such questions
//     (CORS) are never answered with yes.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace nolabel {

// What a request says before its body.
struct RequestHead {
  std::string method;                               // "GET"
  std::string path;                                 // as it was sent, without the query
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::multimap<std::string, std::string> query;    // decoded
};

struct Gate {
  int port = 0;
  std::string token;
  size_t most_body = 0;  // bytes
};

struct Refusal {
  int status;
  std::string reason;  // one line
};

// Nothing when the request may pass. A POST that passes has a body of at most `most_body` bytes,
// whose length is known.
std::optional<Refusal> refusal(const Gate& gate, const RequestHead& head);

}  // namespace nolabel
