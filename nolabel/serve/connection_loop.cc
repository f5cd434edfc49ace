#include "nolabel/serve/connection_loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// How long the use of the cancel token may stay unnoticed.
constexpr std::chrono::milliseconds look_at_token(20);
// How long a connection stays half open after its last answer.
constexpr std::chrono::milliseconds leave_time(1000);

constexpr std::string_view head_too_long =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n"
    "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";

Socket event_socket() {
  Socket socket(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!socket) fail_system("the system has no descriptor left to open");
  return socket;
}

}  // namespace

ConnectionLoop::ConnectionLoop(const Socket& listener, const Limits& limits,
                               std::function<void(Connection)> give)
    : listener_(listener), limits_(limits), give_(std::move(give)), wake_(event_socket()) {}

void ConnectionLoop::run(const CancelToken& cancel) {
  while (!cancel.requested()) {
    collect_returned();
    wait();
  }
  waiting_.clear();
}

void ConnectionLoop::take_back(Connection connection, bool reusable) {
  connection.since = ServeClock::now();
  if (reusable) {
    const bool begun = !connection.received.empty();
    connection.until = connection.since + (begun ? limits_.head_time : limits_.idle_time);
  } else {
    leave(connection, leave_time);
  }
  {
    const std::lock_guard lock(mutex_);
    returned_.push_back(std::move(connection));
  }
  const uint64_t one = 1;
  // It fails only when nobody has read 2^64 earlier ones, and then the loop wakes anyway.
  [[maybe_unused]] const ssize_t count = ::write(wake_.get(), &one, sizeof one);
}

void ConnectionLoop::collect_returned() {
  std::vector<Connection> returned;
  {
    const std::lock_guard lock(mutex_);
    returned.swap(returned_);
  }
  given_ -= returned.size();
  for (Connection& connection : returned) {
    // The next request may have come together with the last one.
    if (advance(connection)) waiting_.push_back(std::move(connection));
  }
}

void ConnectionLoop::wait() {
  std::vector<pollfd> sockets;
  sockets.push_back({.fd = wake_.get(), .events = POLLIN, .revents = 0});
  const int listened = exhausted_ ? -1 : listener_.get();  // poll() passes over -1
  sockets.push_back({.fd = listened, .events = POLLIN, .revents = 0});
  for (const Connection& connection : waiting_) {
    sockets.push_back({.fd = connection.socket.get(), .events = POLLIN, .revents = 0});
  }
  const int ready = ::poll(sockets.data(), sockets.size(), static_cast<int>(look_at_token.count()));
  exhausted_ = false;

  uint64_t returned = 0;
  [[maybe_unused]] const ssize_t count = ::read(wake_.get(), &returned, sizeof returned);
  std::vector<Connection> before;
  before.swap(waiting_);
  const ServeClock::time_point now = ServeClock::now();
  for (size_t i = 0; i < before.size(); ++i) {
    const bool moved = ready > 0 && sockets[i + 2].revents != 0;
    if (now >= before[i].until || (moved && !advance(before[i]))) continue;
    waiting_.push_back(std::move(before[i]));
  }
  if (ready > 0 && sockets[1].revents != 0) accept_all();
}

void ConnectionLoop::accept_all() {
  // No more than the limit in one turn, so that the ones that are there have theirs.
  for (size_t i = 0; i < limits_.most_connections; ++i) {
    Socket socket = accept_from(listener_);
    if (!socket) {
      const bool none_left =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (none_left) exhausted_ = !make_room();
      return;
    }
    if (waiting_.size() + given_ >= limits_.most_connections && !make_room()) continue;
    const ServeClock::time_point now = ServeClock::now();
    waiting_.push_back({.socket = std::move(socket),
                        .received = {},
                        .since = now,
                        .until = now + limits_.idle_time});
  }
}

// Closes the connection that has waited longest, so that connections which say nothing can never
// keep out one that does. Returns whether there was one.
bool ConnectionLoop::make_room() {
  const auto oldest =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [](const Connection& a, const Connection& b) { return a.since < b.since; });
  if (oldest == waiting_.end()) return false;
  waiting_.erase(oldest);
  return true;
}

bool ConnectionLoop::advance(Connection& connection) {
  const bool begun = !connection.received.empty();
  switch (receive(connection, limits_.most_head)) {
    case Arrival::end:
      return false;
    case Arrival::head:
      ++given_;
      give_(std::move(connection));
      return false;
    case Arrival::too_long:
      // If it does not fit into the buffer of a fresh connection, nobody is reading.
      ::send(connection.socket.get(), head_too_long.data(), head_too_long.size(), MSG_NOSIGNAL);
      leave(connection, leave_time);
      return true;
    case Arrival::part:
      if (!begun && !connection.received.empty()) {
        connection.until = ServeClock::now() + limits_.head_time;
      }
      return true;
  }
  return false;
}

}  // namespace nolabel
