#include "nolabel/serve/token.h"

#include <openssl/crypto.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "nolabel/base/error.h"

namespace nolabel {

std::string random_token() {
  std::array<unsigned char, 16> bytes;
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    fail_system("random numbers of the system are required for the token: {}",
                std::strerror(errno));
  }
  std::string token;
  for (const unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

bool same_token(std::string_view given, std::string_view token) {
  return given.size() == token.size() &&
         ::CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

}  // namespace nolabel
