#include "nolabel/base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace nolabel {

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
  constexpr uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = multiplier0 * counter[0];
    const uint64_t product1 = multiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += weyl0;
    key[1] += weyl1;
  }
  return counter;
}

namespace {

uint64_t mix(uint64_t x) {  // splitmix64's finalizer
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

}  // namespace

Random::Random(uint64_t seed, Purpose purpose, uint32_t a, uint32_t b, uint32_t c) {
  const uint64_t key = mix(mix(seed) ^ static_cast<uint64_t>(purpose));
  key_ = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
  counter_ = {0, a, b, c};
}

uint32_t Random::next() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

float Random::uniform() {
  return static_cast<float>(next() >> 8) * 0x1p-24f;
}

double Random::uniform_double() {
  const uint64_t high = next() >> 5, low = next() >> 6;  // 27 and 26 bits
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

uint64_t Random::below(uint64_t n) {
  // Rejection: the last, incomplete run of n values below 2^64 is drawn again.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  uint64_t value;
  do {
    value = (static_cast<uint64_t>(next()) << 32) | next();
  } while (value >= limit);
  return value % n;
}

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform_double()));
  return radius * std::cos(2 * std::numbers::pi * uniform_double());
}

std::vector<int64_t> permutation(int64_t n, Random random) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle(order, random);
  return order;
}

}  // namespace nolabel
