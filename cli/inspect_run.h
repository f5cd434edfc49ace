// What is in a run directory: its description, and per stage the files and the last epoch.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "cli/frame/command_line.h"

namespace nolabel::cli {

// Prints it and returns it. Throws Error(Fault::usage) when the directory is no run.
nlohmann::json inspect_run(const std::filesystem::path& directory, const CommandLine& line);

}  // namespace nolabel::cli
