// What the commands that mine print about the tables.
#pragma once

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/mine_call.h"

namespace nolabel::cli {

// Prints the table's place and the neighbor accuracies.
void print_tables(const CommandLine& line, const MineOutcome& outcome);

}  // namespace nolabel::cli
