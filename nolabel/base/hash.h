// SHA-256 of content: fingerprints of data sets, hashes of settings, checksums of downloads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nolabel {

// update() any number of times, then hex() or raw() once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, size_t bytes);
  void update(std::string_view text) { update(text.data(), text.size()); }
  // 64 lower-case hexadecimal digits.
  std::string hex();
  // The 32 bytes themselves, for binary files.
  std::string raw();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256(std::string_view content);
// As Sha256::raw().
std::string raw_sha256(std::string_view content);
// Two lower-case digits per byte.
std::string hex_digits(std::span<const unsigned char> bytes);
// Of a file's content. `between` is called every megabyte; it may throw, to stop.
std::string file_hash(
    const std::filesystem::path& file, const std::function<void()>& between = [] {});

}  // namespace nolabel
