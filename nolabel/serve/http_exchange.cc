#include "nolabel/serve/http_exchange.h"

#include <httplib.h>
#include <signal.h>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

class HttplibStream final : public httplib::Stream {
 public:
  explicit HttplibStream(TimedStream& stream) : stream_(stream) {}
  bool is_readable() const override { return true; }  // read() waits
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override { return stream_.read(to, size); }
  ssize_t write(const char* from, size_t size) override { return stream_.write(from, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
  socket_t socket() const override { return stream_.descriptor(); }

 private:
  static void nowhere(std::string& ip, int& port) {
    ip = "127.0.0.1";
    port = 0;
  }
  TimedStream& stream_;
};

// The constructor of httplib::Server makes the whole process ignore SIGPIPE. A library must leave
// that to its program, and TimedStream needs no such thing.
class SigpipeBefore {
 protected:
  SigpipeBefore() { ::sigaction(SIGPIPE, nullptr, &before_); }
  void restore() const { ::sigaction(SIGPIPE, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 'a' - 'A');
  }
  return text;
}

RequestHead head_of(const httplib::Request& request) {
  RequestHead head{.method = request.method,
                   .path = request.target.substr(0, request.target.find('?')),
                   .headers = {},
                   .query = {request.params.begin(), request.params.end()}};
  for (const auto& [name, value] : request.headers) head.headers.emplace(lower_case(name), value);
  return head;
}

void put(Response response, httplib::Response& out) {
  out.status = response.status;
  out.body = std::move(response.body);
  out.headers.erase("Content-Type");
  out.headers.erase("Cache-Control");
  out.set_header("Content-Type", response.type);
  out.set_header("Cache-Control", response.cache);
}

}  // namespace

class HttpExchange::Parser : SigpipeBefore, httplib::Server {
 public:
  explicit Parser(Site& site) : site_(site) {
    restore();
    set_pre_routing_handler([this](const httplib::Request& in, httplib::Response& out) {
      return before_body(in, out) ? HandlerResponse::Handled : HandlerResponse::Unhandled;
    });
    // Reached only by a POST that before_body() has let pass: the pattern decides nothing.
    Post("/.*",
         [this](const httplib::Request& in, httplib::Response& out) { respond(in.body, out); });
    set_exception_handler([this](const httplib::Request&, httplib::Response& out, auto) {
      reusable_ = false;
      put(error_response(500, "the request could not be answered"), out);
    });
    set_post_routing_handler(
        [this](const httplib::Request& in, httplib::Response& out) { finish(in, out); });
  }

  bool serve(TimedStream& stream) {
    HttplibStream adapted(stream);
    reusable_ = ends_ = false;
    const bool written = process_request(adapted, false, ends_, [](httplib::Request& request) {
      // httplib would cut answers by Range, and compress them with brotli at its slowest.
      request.ranges.clear();
      request.headers.erase("Accept-Encoding");
    });
    return written && reusable_ && !ends_;
  }

 private:
  // Whether the answer is known without a body.
  bool before_body(const httplib::Request& in, httplib::Response& out) {
    head_ = head_of(in);
    if (const std::optional<Refusal> refused = refusal(site_.gate, head_)) {
      put(error_response(refused->status, refused->reason), out);
      return true;
    }
    found_ = site_.routes.find(head_.method, head_.path);
    const bool has_no_body = head_.method == "GET";
    if (found_.route && !has_no_body) return false;
    if (found_.route) {
      respond("", out);
      return true;
    }
    reusable_ = has_no_body;
    const std::string& other = found_.other_methods;
    put(other.empty() ? error_response(404, "there is nothing at this address")
                      : error_response(405, format("only {} is answered here", other)),
        out);
    if (!other.empty()) out.set_header("Allow", other);
    return true;
  }

  void respond(const std::string& body, httplib::Response& out) {
    reusable_ = true;
    Request request{.path = head_.path, .parts = found_.parts, .query = {}, .body = body};
    for (const auto& [name, value] : head_.query) {
      if (name != "token") request.query.emplace(name, value);
    }
    put(answer(site_, *found_.route, request), out);
  }

  // Every answer passes here last, also those that httplib gives by itself to what is no HTTP.
  void finish(const httplib::Request& in, httplib::Response& out) {
    if (!out.has_header("Cache-Control")) {  // put() was not called
      put(error_response(out.status, "the request could not be read"), out);
      out.headers.erase("Content-Length");
      out.set_header("Content-Length", std::to_string(out.body.size()));
    }
    for (const char* name : {"Keep-Alive", "Connection", "Accept-Ranges"}) out.headers.erase(name);
    out.set_header("Connection", reusable_ && !ends_ ? "keep-alive" : "close");
    // A kept answer is for requests with the same token, not for the next server at this port.
    out.set_header("Vary", "X-Nolabel-Token");
    out.set_header("X-Content-Type-Options", "nosniff");
    out.set_header("X-Frame-Options", "DENY");
    out.set_header("Referrer-Policy", "no-referrer");
    out.set_header("Cross-Origin-Resource-Policy", "same-origin");
    out.set_header("Content-Security-Policy", site_.content_security_policy);
  }

  Site& site_;
  RequestHead head_;
  Routes::Found found_;
  bool reusable_ = false, ends_ = false;
};

HttpExchange::HttpExchange(Site& site) : parser_(std::make_unique<Parser>(site)) {}

HttpExchange::~HttpExchange() = default;

bool HttpExchange::serve(TimedStream& stream) {
  return parser_->serve(stream);
}

}  // namespace nolabel
