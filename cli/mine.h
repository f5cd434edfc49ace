// Mining as part of a command: both tables of a run, and what they are worth.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel::cli {

// Once the flags are read: require_search(), and search_advice() goes into the settings.
void settle_search(MineSettings& settings);

// Mines both tables of `run` and prints the neighbor accuracies; returns run_mine()'s object.
// before_head: on features [N,D] although the backbone came with a projection head.
nlohmann::json mine_subject(const CommandLine& line, const RunDirectory& run,
                            const Subject& subject, bool before_head, const MineSettings& settings,
                            const Environment& environment);

}  // namespace nolabel::cli
