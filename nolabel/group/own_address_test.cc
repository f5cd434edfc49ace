#include "nolabel/group/own_address.h"

#include <gtest/gtest.h>

#include <torch/csrc/distributed/c10d/HashStore.hpp>

namespace nolabel {
namespace {

constexpr int port = 29500;

TEST(OwnAddress, OfLoopbackIsLoopback) {
  EXPECT_EQ(address_towards("127.0.0.1", port), "127.0.0.1");
  EXPECT_TRUE(is_loopback(address_towards("localhost", port)));
  EXPECT_TRUE(is_loopback("127.0.1.1"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
  EXPECT_FALSE(is_loopback("fe80::1%eth0"));
}

// The machine's name may be a loopback address to itself; the network is then that of the others.
// 192.0.2.1 is nobody's (RFC 5737): this machine has another address towards it, or none.
TEST(OwnAddress, AsksWhereTheOthersAre) {
  const auto hash_store = c10::make_intrusive<c10d::HashStore>();
  c10d::Store& store = *hash_store;
  store.set("address/1", "127.0.0.1");
  store.set("address/2", "192.0.2.1");
  const std::string address = own_address(store, 0, 3, "127.0.0.1", port);
  EXPECT_EQ(address, address_towards("192.0.2.1", port));
  EXPECT_FALSE(is_loopback(address));
  EXPECT_EQ(store.get_to_str("address/0"), "127.0.0.1");
  store.set("address/2", "127.0.0.1");  // all are on one machine
  EXPECT_EQ(own_address(store, 0, 3, "127.0.0.1", port), "127.0.0.1");
}

}  // namespace
}  // namespace nolabel
