// nolabel repeat CONFIG... [DATA...]: a whole recipe with several seeds, and its mean figures.
#include "nolabel/pipeline/repeat_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {
namespace {

void print_summary(const CommandLine& line, const RepeatOutcome& outcome) {
  line.print(format("\n{} seed{}, mean ± standard deviation in %\n", outcome.seeds,
                    outcome.seeds == 1 ? "" : "s"));
  for (const RepeatedStage& stage : outcome.stages) {
    std::string row = format("{:<10}", stage.stage);
    for (const auto& [name, values] : stage.figures) {
      const Spread spread = spread_of(values);
      row += format("  {} {:.1f}", name, spread.mean * 100);
      if (values.size() > 1) row += format(" ± {:.1f}", spread.deviation * 100);
    }
    line.print(row + "\n");
  }
}

// CONFIG are the words that end as YAML files do; the rest is DATA.
void sort_words(const std::vector<std::string>& words, RepeatRequest& request) {
  for (const std::string& word : words) {
    const bool config = word.ends_with(".yml") || word.ends_with(".yaml");
    (config ? request.configs : request.data).push_back(word);
  }
  if (request.configs.empty()) {
    fail_usage("CONFIG is required: the .yml files of a recipe in the order of its stages.");
  }
}

}  // namespace

int run_repeat(CommandLine& line) {
  RepeatRequest request;
  std::vector<std::string> words;
  line.arguments(
      "CONFIG", &words, 1, 1000,
      "the configs (.yml) of a recipe in the order of its stages, then its images if the "
      "configs do not name them");
  line.repeatable("set", &request.assignments, "key=value, over every config; may be repeated");
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  sort_words(words, request);
  const RepeatOutcome outcome = repeat(
      line.tables(), request, [&line](const RepeatOutcome& so_far) { print_summary(line, so_far); },
      line.observer());
  line.result(repeat_json(outcome));
  return 0;
}

}  // namespace nolabel::cli
