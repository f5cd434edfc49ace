// bf16 as its bits, for loops over memory. Private to model.
#pragma once

#include <bit>
#include <cstdint>

namespace nolabel {

// The upper half of a float is a bf16.
inline float exact(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

// To the nearest, ties to even.
inline uint16_t rounded_bits(float value) {
  constexpr uint32_t infinity = 0x7F800000, some_nan = 0x7FC0;
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t up = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  return static_cast<uint16_t>((bits & 0x7FFFFFFF) > infinity ? some_nan : up);
}

}  // namespace nolabel
