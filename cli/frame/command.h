// What the program can do: one row per command.
#pragma once

#include <span>
#include <string_view>

namespace nolabel::cli {

class CommandLine;

// How the overview is ordered: by what a user needs first.
enum class CommandGroup { photos, stages, looking };

struct Command {
  std::string_view name;  // "scan"
  CommandGroup group;
  std::string_view purpose;  // one line, beginning with a verb
  std::string_view example;  // a whole command that works
  // Declares what it takes, parses, works; returns the exit code. Errors are thrown.
  int (*run)(CommandLine&);
  // What the program says that it does when Ctrl-C is pressed once.
  std::string_view at_interrupt = "nolabel saves a checkpoint and then stops";
  // May be run by one of several processes that a starter has started (cli/group_work.h).
  bool in_group = false;
};

// The table in cli/commands.cc.
std::span<const Command> commands();

}  // namespace nolabel::cli
