#include "nolabel/weights/crc32.h"

#include <array>
#include <cstring>

namespace nolabel {
namespace {

// tables[k][b]: the remainder of byte b followed by k zero bytes, so that eight bytes are folded in
// at once ("slicing by 8", Kounavis and Berry 2005).
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t remainder = b;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ (remainder & 1 ? 0xEDB88320u : 0);
    }
    tables[0][b] = remainder;
  }
  for (uint32_t b = 0; b < 256; ++b) {
    for (size_t k = 1; k < 8; ++k) {
      tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 255];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

uint32_t crc32(const void* data, size_t bytes) {
  const auto* p = static_cast<const unsigned char*>(data);
  uint32_t remainder = 0xFFFFFFFFu;
  for (; bytes >= 8; bytes -= 8, p += 8) {
    uint32_t low, high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + 4, 4);
    low ^= remainder;
    remainder = tables[7][low & 255] ^ tables[6][(low >> 8) & 255] ^ tables[5][(low >> 16) & 255] ^
                tables[4][low >> 24] ^ tables[3][high & 255] ^ tables[2][(high >> 8) & 255] ^
                tables[1][(high >> 16) & 255] ^ tables[0][high >> 24];
  }
  for (; bytes > 0; --bytes, ++p) remainder = (remainder >> 8) ^ tables[0][(remainder ^ *p) & 255];
  return ~remainder;
}

}  // namespace nolabel
