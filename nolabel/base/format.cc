#include "nolabel/base/format.h"

#include <fmt/args.h>
#include <fmt/format.h>

namespace nolabel {

std::string format_arguments(std::string_view pattern,
                             std::initializer_list<FormatArgument> arguments) {
  fmt::dynamic_format_arg_store<fmt::format_context> store;
  for (const FormatArgument& argument : arguments) {
    std::visit([&store](const auto& value) { store.push_back(value); }, argument);
  }
  return fmt::vformat(fmt::string_view(pattern.data(), pattern.size()), store);
}

}  // namespace nolabel
