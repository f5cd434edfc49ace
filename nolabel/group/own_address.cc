#include "nolabel/group/own_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace nolabel {
namespace {

// The own end of a datagram socket towards `there`: connecting one only looks up the way.
std::string own_end(const addrinfo& there) {
  const int socket = ::socket(there.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "";
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  auto* address = reinterpret_cast<sockaddr*>(&own);
  std::array<char, NI_MAXHOST> digits{};
  const bool found =
      ::connect(socket, there.ai_addr, there.ai_addrlen) == 0 &&
      ::getsockname(socket, address, &size) == 0 &&
      ::getnameinfo(address, size, digits.data(), digits.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  ::close(socket);
  return found ? digits.data() : "";
}

}  // namespace

std::string address_towards(const std::string& host, int port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list) != 0) return "";
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  for (const addrinfo* there = list; there; there = there->ai_next) {
    if (std::string address = own_end(*there); !address.empty()) return address;
  }
  return "";
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string own_address(c10d::Store& store, int rank, int size, const std::string& host, int port) {
  const auto key = [](int process) { return "address/" + std::to_string(process); };
  const std::string address = address_towards(host, port);
  store.set(key(rank), address);
  if (!is_loopback(address)) return address;
  // Those with high ranks are most likely on another machine than those with low ones.
  for (int other = size - 1; other >= 0; --other) {
    if (other == rank) continue;
    const std::string theirs = store.get_to_str(key(other));
    if (!theirs.empty() && !is_loopback(theirs)) return address_towards(theirs, port);
  }
  return address;
}

}  // namespace nolabel
