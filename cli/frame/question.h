// Questions to the person at the terminal.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace nolabel::cli {

// Prints the question on stderr and reads a line: true for "y" and "yes", false for another line,
// nothing at the end of the input. Empty where stdin or stderr is no terminal: there is nobody to
// ask.
std::function<std::optional<bool>(const std::string& question)> person_to_ask();

}  // namespace nolabel::cli
