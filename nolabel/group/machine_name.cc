#include "nolabel/group/machine_name.h"

#include <netdb.h>
#include <sys/socket.h>

#include <thread>

#include "nolabel/base/error.h"

namespace nolabel {

void wait_for_address(const std::string& host, std::chrono::duration<double> limit) {
  constexpr std::chrono::milliseconds between_questions(200);
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), nullptr, nullptr, &list);
    if (code == 0) {
      ::freeaddrinfo(list);
      return;
    }
    if (std::chrono::steady_clock::now() >= end) {
      fail_system(
          "this machine must know the machine '{}', where all processes meet. It does not ({}). "
          "MASTER_ADDR can name an address that every machine knows.",
          host, ::gai_strerror(code));
    }
    std::this_thread::sleep_for(between_questions);
  }
}

}  // namespace nolabel
