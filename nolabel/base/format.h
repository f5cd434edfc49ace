// Text formatting for the whole library: "{}" placeholders as in fmt, without fmt in any header.
//
// LibTorch ships an fmt of its own that clashes with the distribution's, so fmt is used in
// format.cc only; a call here compiles in no time and is safe beside LibTorch.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace nolabel {

using FormatArgument = std::variant<bool, int64_t, uint64_t, double, std::string_view>;

// Throws std::logic_error when the pattern does not fit its arguments.
std::string format_arguments(std::string_view pattern,
                             std::initializer_list<FormatArgument> arguments);

template <class T>
FormatArgument to_format_argument(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    return static_cast<int64_t>(value);
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<uint64_t>(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<double>(value);
  } else {
    return std::string_view(value);
  }
}

// format("{} of {} images ({:.1f} %)", 3, 10, 30.0)
template <class... Arguments>
std::string format(std::string_view pattern, const Arguments&... arguments) {
  return format_arguments(pattern, {to_format_argument(arguments)...});
}

}  // namespace nolabel
