// How the figures of a measured clustering model look on a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/measurement.h"
#include "nolabel/run/run_state.h"

namespace nolabel::cli {

// Figures, heads, and with labels classes, clusters and their confusion; then the files written.
void print_measurement(const CommandLine& line, const Measurement& measurement);

// A table of methods for each split that has images.
void print_split_figures(const CommandLine& line, const std::vector<ReportMethod>& train,
                         const std::vector<ReportMethod>& validation);

// What it means for figures that somebody's labels trained the backbone; nothing where no labels
// did.
void print_labels(const CommandLine& line, const std::string& backbone_labels);

// [least, most]; null where nolabel did not estimate the number of clusters.
nlohmann::json range_json(const std::optional<RunState::ClusterRange>& range);

}  // namespace nolabel::cli
