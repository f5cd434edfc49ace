#include "nolabel/report/file_url.h"

#include <cstdint>
#include <system_error>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

fs::path real_path(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  if (error) {
    fail_system("a folder that can be looked at is required. Received {}: {}.", path.string(),
                error.message());
  }
  return real;
}

}  // namespace

std::string percent_encoded(std::string_view path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string url;
  for (const char c : path) {
    if (is_unreserved(c) || c == '/') {
      url += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      url += '%';
      url += kDigits[byte >> 4];
      url += kDigits[byte & 15];
    }
  }
  return url;
}

std::string folder_url(const fs::path& folder, const fs::path& page_folder) {
  const fs::path relative = real_path(folder).lexically_relative(real_path(page_folder));
  return percent_encoded(relative.generic_string()) + "/";
}

}  // namespace nolabel
