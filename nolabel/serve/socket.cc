#include "nolabel/serve/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Of connections that are not accepted yet. One more would have to try again after a second.
constexpr int backlog = 1024;

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Socket listen_on_this_machine(int port) {
  if (port < 0 || port > 65535) fail_usage("a port must be between 0 and 65535, not {}", port);
  Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // A port whose last connections have just ended can be had again. One that another program
  // listens on cannot, which SO_REUSEPORT would allow.
  const int yes = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (!listener || ::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) ||
      ::listen(listener.get(), backlog)) {
    if (errno == EADDRINUSE) {
      fail_system("port {} is in use by another program: choose another one, or 0 for any free one",
                  port);
    }
    fail_system("nolabel cannot listen on 127.0.0.1:{} ({}): choose another port, or 0 for any",
                port, std::strerror(errno));
  }
  return listener;
}

int port_of(const Socket& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  NOLABEL_ASSERT(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

Socket accept_from(const Socket& listener) {
  Socket socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  // Head and body of an answer are sent one after the other. The body must not wait until the
  // browser has acknowledged the head.
  const int yes = 1;
  if (socket) ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

}  // namespace nolabel
