#include "nolabel/serve/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace nolabel {
namespace {

constexpr size_t piece = 4096;
constexpr int pieces_thrown_away = 64;  // then the other connections have their turn

// Whether the other side has gone.
bool throw_away(const Connection& connection) {
  char buffer[piece];
  for (int i = 0; i < pieces_thrown_away; ++i) {
    const ssize_t count = ::recv(connection.socket.get(), buffer, sizeof buffer, 0);
    if (count == 0) return true;
    if (count < 0) return errno != EAGAIN && errno != EINTR;
  }
  return false;
}

bool has_head(const std::string& received, size_t from) {
  return received.find("\r\n\r\n", from) != received.npos;
}

}  // namespace

Arrival receive(Connection& connection, size_t most) {
  if (connection.leaving) return throw_away(connection) ? Arrival::end : Arrival::part;
  std::string& received = connection.received;
  if (has_head(received, 0)) return Arrival::head;
  char buffer[piece];
  while (received.size() < most) {
    const size_t room = std::min(sizeof buffer, most - received.size());
    const ssize_t count = ::recv(connection.socket.get(), buffer, room, 0);
    if (count == 0) return Arrival::end;
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Arrival::part : Arrival::end;
    const size_t before = received.size();
    received.append(buffer, static_cast<size_t>(count));
    if (has_head(received, before < 3 ? 0 : before - 3)) return Arrival::head;
  }
  return Arrival::too_long;
}

void leave(Connection& connection, std::chrono::milliseconds time) {
  ::shutdown(connection.socket.get(), SHUT_WR);
  connection.received.clear();
  connection.leaving = true;
  connection.until = ServeClock::now() + time;
}

}  // namespace nolabel
