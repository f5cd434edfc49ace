#include "nolabel/serve/message.h"

#include <nlohmann/json.hpp>

#include "nolabel/record/json_text.h"

namespace nolabel {

Response error_response(int status, const std::string& message) {
  const std::string line = message.substr(0, message.find_first_of("\r\n"));
  return {.status = status, .body = json_text({{"error", line}})};
}

}  // namespace nolabel
