// What a handler of the server gets and gives.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace nolabel {

struct Request {
  std::string path;                          // "/thumb/17"
  std::map<std::string, std::string> parts;  // {"index": "17"} where the pattern is /thumb/{index}
  std::map<std::string, std::string>
      query;         // decoded, without the token; of a name twice the first
  std::string body;  // of a POST
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::string cache = "no-store";  // or "private, max-age=3600"
};

// May throw: Error(usage) and Error(data) are answered with 400, everything else with 500, and the
// body is {"error": "the message"}. Handlers of GET run beside all others on several threads.
using Handler = std::function<Response(const Request&)>;

// {"error": "message"}, the first line of it.
Response error_response(int status, const std::string& message);

}  // namespace nolabel
