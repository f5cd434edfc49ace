#include "nolabel/base/hash.h"

#include <openssl/evp.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  NOLABEL_ASSERT(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, size_t bytes) {
  NOLABEL_ASSERT(EVP_DigestUpdate(context_->evp, data, bytes) == 1);
}

std::string Sha256::raw() {
  unsigned char digest[32];
  NOLABEL_ASSERT(EVP_DigestFinal_ex(context_->evp, digest, nullptr) == 1);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

std::string Sha256::hex() {
  const std::string digest = raw();
  return hex_digits({reinterpret_cast<const unsigned char*>(digest.data()), digest.size()});
}

std::string hex_digits(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256(std::string_view content) {
  Sha256 hash;
  hash.update(content);
  return hash.hex();
}

std::string raw_sha256(std::string_view content) {
  Sha256 hash;
  hash.update(content);
  return hash.raw();
}

std::string file_hash(const std::filesystem::path& file, const std::function<void()>& between) {
  constexpr size_t block = size_t{1} << 20;
  const MappedFile mapped(file);
  Sha256 hash;
  for (std::span<const std::byte> rest = mapped.bytes(); !rest.empty();
       rest = rest.subspan(std::min(block, rest.size()))) {
    between();
    hash.update(rest.data(), std::min(block, rest.size()));
    mapped.passed(std::min(block, rest.size()));
  }
  return hash.hex();
}

}  // namespace nolabel
