// Little-endian numbers out of bytes that may end anywhere, and into a growing string.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "nolabel/base/error.h"

namespace nolabel {

static_assert(std::endian::native == std::endian::little, "files are read as they lie in memory");

using Bytes = std::span<const std::byte>;

inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads from the front. Error(Fault::data) when the bytes end too early.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  Bytes take(uint64_t count) {
    if (count > remaining()) {
      fail_data("it ends after {} bytes, in the middle of something", bytes_.size());
    }
    const Bytes result = bytes_.subspan(position_, count);
    position_ += count;
    return result;
  }
  std::string_view text(uint64_t count) { return as_text(take(count)); }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  // Up to a line feed, which is taken too.
  std::string_view line() {
    const size_t length = as_text(bytes_.subspan(position_)).find('\n');
    if (length == std::string_view::npos) take(remaining() + 1);
    const std::string_view result = text(length);
    take(1);
    return result;
  }

 private:
  Bytes bytes_;
  size_t position_ = 0;
};

template <class T>
void append_number(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace nolabel
