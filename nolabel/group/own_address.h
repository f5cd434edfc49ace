// Under which address the other machines of a group reach this one.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <string>

namespace c10d {
class Store;
}

namespace nolabel {

// The address, in digits, that this machine sends from when it sends to `host`; empty where no way
// leads there. Sends nothing.
std::string address_towards(const std::string& host, int port);

// 127.0.0.1, 127.0.1.1, ::1: reached from this machine only.
bool is_loopback(const std::string& address);

// The address of process `rank` on the network that leads to `host`, where all meet. A machine may
// know its own name as a loopback address ("127.0.1.1 node0" in /etc/hosts); then the network is
// that on which the others are. All processes must call it with the same `store`.
std::string own_address(c10d::Store& store, int rank, int size, const std::string& host, int port);

}  // namespace nolabel
