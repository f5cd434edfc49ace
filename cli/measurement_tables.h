// How the figures of a measured clustering model look on a terminal.
#pragma once

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/measurement.h"

namespace nolabel::cli {

// Figures, heads, and with labels classes, clusters and their confusion; then the files written.
void print_measurement(const CommandLine& line, const Measurement& measurement);

}  // namespace nolabel::cli
