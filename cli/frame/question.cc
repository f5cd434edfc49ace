#include "cli/frame/question.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace nolabel::cli {

std::function<std::optional<bool>(const std::string& question)> person_to_ask() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& question) -> std::optional<bool> {
    std::fprintf(stderr, "%s [y/N] ", question.c_str());
    std::string answer;
    if (!std::getline(std::cin, answer)) return std::nullopt;
    return answer == "y" || answer == "Y" || answer == "yes";
  };
}

}  // namespace nolabel::cli
