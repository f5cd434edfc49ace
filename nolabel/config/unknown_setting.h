// The message about a setting that nobody declared. Private to config.
#pragma once

#include <string_view>

#include "nolabel/config/schema.h"

namespace nolabel {

// "unknown setting "epohcs". Did you mean epochs? (my.yml:3)"; for the name of a group, what is in
// it.
[[noreturn]] void fail_unknown_setting(const Schema& schema, std::string_view name,
                                       std::string_view origin);

}  // namespace nolabel
