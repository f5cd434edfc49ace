// What `nolabel` alone prints, and finding a command by its name.
#pragma once

#include <string>
#include <string_view>

#include "cli/frame/command.h"

namespace nolabel::cli {

// The commands with their purposes, grouped as a user needs them.
std::string overview();

// nullptr when there is none of that name.
const Command* find_command(std::string_view name);

// Throws Error(Fault::usage) with the nearest name.
[[noreturn]] void fail_unknown_command(std::string_view name);

}  // namespace nolabel::cli
