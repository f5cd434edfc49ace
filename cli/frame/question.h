// Questions to the person at the terminal.
#pragma once

#include <functional>
#include <string>

namespace nolabel::cli {

// Prints the question on stderr and reads a line; true for "y" and "yes", false for all else. Empty
// where stdin or stderr is no terminal: there is nobody to ask.
std::function<bool(const std::string& question)> person_to_ask();

}  // namespace nolabel::cli
