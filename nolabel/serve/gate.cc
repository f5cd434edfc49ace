#include "nolabel/serve/gate.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "nolabel/base/format.h"
#include "nolabel/serve/token.h"

namespace nolabel {
namespace {

using Fields = std::multimap<std::string, std::string>;

bool has(const Fields& fields, const std::string& name) {
  return fields.contains(name);
}

// The value of `name` when there is exactly one. A name that stands twice means different things to
// different programs, so it is as good as none.
std::optional<std::string> only(const Fields& fields, const std::string& name) {
  if (fields.count(name) != 1) return std::nullopt;
  return fields.find(name)->second;
}

bool is_own_page(const Gate& gate, const RequestHead& head) {
  const std::optional<std::string> host = only(head.headers, "host");
  if (host != format("127.0.0.1:{}", gate.port) && host != format("localhost:{}", gate.port)) {
    return false;
  }
  if (has(head.headers, "origin") && only(head.headers, "origin") != "http://" + *host) {
    return false;
  }
  if (!has(head.headers, "sec-fetch-site")) return true;  // an older browser, or no browser
  const std::optional<std::string> site = only(head.headers, "sec-fetch-site");
  return site == "same-origin" || site == "none";
}

bool has_token(const Gate& gate, const RequestHead& head) {
  if (has(head.headers, "x-nolabel-token")) {
    return same_token(only(head.headers, "x-nolabel-token").value_or(""), gate.token);
  }
  // A form of a foreign page can be sent to an address with any query, so a POST needs the header.
  return head.method == "GET" && same_token(only(head.query, "token").value_or(""), gate.token);
}

bool is_json(std::string type) {
  type = type.substr(0, type.find(';'));
  type.erase(std::find_if(type.rbegin(), type.rend(), [](char c) { return c != ' '; }).base(),
             type.end());
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type == "application/json";
}

// Of digits only: a sign or blanks would be read differently by different programs.
std::optional<uint64_t> length_of(const std::string& text) {
  uint64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  if (error != std::errc() || stop != end) return std::nullopt;
  return length;
}

std::optional<Refusal> refused_body(const Gate& gate, const RequestHead& head) {
  const bool chunked = has(head.headers, "transfer-encoding");
  if (head.method == "GET") {
    if (!chunked &&
        (!has(head.headers, "content-length") || only(head.headers, "content-length") == "0")) {
      return std::nullopt;
    }
    return Refusal{400, "a GET has no body"};
  }
  if (!is_json(only(head.headers, "content-type").value_or(""))) {
    return Refusal{415, "the Content-Type of a POST must be application/json"};
  }
  // A packed body could become much longer than its length says.
  if (has(head.headers, "content-encoding")) {
    return Refusal{415, "a body must not have a Content-Encoding"};
  }
  if (chunked || !has(head.headers, "content-length")) {
    return Refusal{411, "a POST must tell its Content-Length"};
  }
  const auto length = length_of(only(head.headers, "content-length").value_or(""));
  if (!length) return Refusal{400, "the Content-Length must be one number"};
  if (*length > gate.most_body) {
    return Refusal{413,
                   format("a body must have at most {} bytes, not {}", gate.most_body, *length)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> refusal(const Gate& gate, const RequestHead& head) {
  // One answer for all, so that nobody learns which part was right.
  if (!is_own_page(gate, head) || !has_token(gate, head)) {
    return Refusal{403, "this needs the whole address that nolabel printed, with its token"};
  }
  if (head.method != "GET" && head.method != "POST") {
    return Refusal{405, "only GET and POST are answered"};
  }
  return refused_body(gate, head);
}

}  // namespace nolabel
