#include "cli/frame/overview.h"

#include <optional>
#include <utility>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/config/schema.h"

namespace nolabel::cli {

std::string overview() {
  constexpr std::pair<CommandGroup, const char*> groups[] = {
      {CommandGroup::photos, "Group your own photos"},
      {CommandGroup::stages, "The stages, one by one"},
      {CommandGroup::looking, "Reports and tools"},
  };
  std::string text = "nolabel: groups a folder of unlabelled images into clusters (SCAN)\n";
  for (const auto& [group, title] : groups) {
    std::string rows;
    for (const Command& command : commands()) {
      if (command.group == group) rows += format("  {:<10}  {}\n", command.name, command.purpose);
    }
    if (!rows.empty()) text += format("\n{}\n{}", title, rows);
  }
  return text +
         "\n`nolabel COMMAND --help` explains a command. `nolabel --version` prints the version.\n";
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

void fail_unknown_command(std::string_view name) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  const bool is_flag = name.starts_with('-');
  if (is_flag) names = {"--version", "--help"};
  const std::optional<std::string> nearest = nearest_name(name, names);
  fail_usage("unknown {} {}{}", is_flag ? "flag" : "command", name,
             nearest ? ". Did you mean " + *nearest + "?"
                     : std::string(". `nolabel help` lists the commands."));
}

}  // namespace nolabel::cli
