#include "nolabel/fetch/md5.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"

namespace nolabel {

std::string md5_of_file(const std::filesystem::path& file, const Observer& observer) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) != 1) {
    fail_system("this machine's OpenSSL must offer MD5 to verify downloads. It does not.");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail_system("cannot open {}: {}", file.string(), std::strerror(errno));
  std::vector<char> buffer(size_t{1} << 20);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())),
         stream.gcount() > 0) {
    observer.stop_if_requested();
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<size_t>(stream.gcount()));
  }
  if (stream.bad()) fail_system("cannot read {}: {}", file.string(), std::strerror(errno));
  unsigned char digest[16];
  EVP_DigestFinal_ex(context.get(), digest, nullptr);
  return hex_digits(digest);
}

}  // namespace nolabel
