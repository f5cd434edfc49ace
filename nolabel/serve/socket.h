// Sockets of this machine.
#pragma once

#include <utility>

namespace nolabel {

// A file descriptor that is closed with its owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket();

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// Listens on 127.0.0.1 only, without blocking. `port` 0 is any free one. Throws Error(usage) for a
// number that is no port and Error(system) for a port that cannot be had.
Socket listen_on_this_machine(int port);

int port_of(const Socket& listener);

// The next connection that waits at `listener`, without blocking; none when there is none, and then
// errno says why.
Socket accept_from(const Socket& listener);

}  // namespace nolabel
