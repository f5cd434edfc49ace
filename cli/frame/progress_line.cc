#include "cli/frame/progress_line.h"

#include <cmath>

#include "cli/frame/columns.h"
#include "cli/frame/terminal.h"
#include "nolabel/base/duration.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

// What a progress line says beside the stage.
struct LineParts {
  bool step = true, unit = true, rate = true, unit_of_rate = true;
};

std::string rate_text(double per_second) {
  return per_second >= 10 ? grouped(std::llround(per_second)) : format("{:.2g}", per_second);
}

std::string after_stage(const Progress& progress, const LineParts& parts) {
  std::string text;
  if (parts.step && !progress.step.empty()) text += "  " + progress.step;
  text += "  " + grouped(progress.done);
  if (progress.total > 0) text += " of " + grouped(progress.total);
  if (parts.unit) text += " " + progress.unit;
  if (parts.rate && progress.per_second > 0) {
    const std::string unit = parts.unit_of_rate ? " " + progress.unit : "";
    text += format("  {}{}/s", rate_text(progress.per_second), unit);
  }
  if (progress.seconds_left >= 0) text += "  " + duration_text(progress.seconds_left) + " left";
  return text;
}

}  // namespace

std::string progress_line(const Progress& progress, size_t columns) {
  // The first that fits: each leaves out the least important of what the one before it has.
  constexpr LineParts forms[] = {{},
                                 {.unit_of_rate = false},
                                 {.rate = false},
                                 {.unit = false, .rate = false},
                                 {.step = false, .unit = false, .rate = false}};
  std::string rest;
  for (const LineParts& parts : forms) {
    rest = after_stage(progress, parts);
    if (columns_of(progress.stage) + columns_of(rest) <= columns) return progress.stage + rest;
  }
  const size_t taken = columns_of(rest);
  if (taken >= columns) return shortened(progress.stage + rest, columns);
  return shortened(progress.stage, columns - taken) + rest;
}

}  // namespace nolabel::cli
