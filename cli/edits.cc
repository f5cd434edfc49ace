// nolabel open, apply, undo and edits: a person's corrections of a run's clusters.
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "cli/frame/printable.h"
#include "nolabel/base/format.h"
#include "nolabel/base/path_text.h"
#include "nolabel/pipeline/edit_call.h"
#include "nolabel/review/open_call.h"

namespace nolabel::cli {
namespace {

nlohmann::json edits_result(const EditOutcome& outcome) {
  nlohmann::json clusters = nlohmann::json::array();
  for (const auto& [identity, images] : outcome.clusters) {
    clusters.push_back({{"id", identity.id},
                        {"name", identity.name},
                        {"origin", identity.origin},
                        {"images", images}});
  }
  return {{"edits", outcome.in_force},
          {"waiting", outcome.waiting},
          {"clusters", clusters},
          {"junk", outcome.junk}};
}

void print_in_force(const CommandLine& line, const EditOutcome& outcome) {
  line.print(outcome.in_force.empty() ? "no edits are in force\n"
             : outcome.waiting ? "edits that wait, because they leave too few clusters or images:\n"
                               : "edits in force:\n");
  for (const std::string& text : outcome.in_force) {
    line.print(format("  {}\n", printable(text)));
  }
  line.print(format("\n{:>7} {:>8}  {}\n", "cluster", "images", "name"));
  for (const auto& [identity, images] : outcome.clusters) {
    line.print(format("{:>7} {:>8}  {}\n", identity.id, images, printable(identity.name)));
  }
  if (outcome.junk > 0) line.print(format("{:>7} {:>8}\n", "junk", outcome.junk));
}

void print_change(CommandLine& line, const EditOutcome& outcome) {
  print_in_force(line, outcome);
  line.print(format("\n{} images changed\nassignments  {}\nreport       {}\n", outcome.changed,
                    outcome.assignments.string(), outcome.report.string()));
  nlohmann::json result = edits_result(outcome);
  result["changed"] = outcome.changed;
  result["assignments"] = path_to_json(outcome.assignments);
  result["report"] = path_to_json(outcome.report);
  result["seconds"] = outcome.seconds;
  line.result(result);
}

void take_run(CommandLine& line, EditRequest& request) {
  line.argument("RUN", &request.run, "a run directory with clusters");
}

}  // namespace

int run_apply(CommandLine& line) {
  EditRequest request;
  std::vector<std::string> files;
  take_run(line, request);
  line.arguments("FILE", &files, 0, 1,
                 "edits.json with names, merge, split, move, junk or keep; without it, the run's "
                 "model and report follow the edits that are in force");
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  if (!files.empty()) request.file = files.front();
  print_change(line, apply_edits(line.tables(), request, line.observer()));
  return 0;
}

int run_undo(CommandLine& line) {
  EditRequest request;
  take_run(line, request);
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  print_change(line, undo_edits(line.tables(), request, line.observer()));
  return 0;
}

int run_open(CommandLine& line) {
  OpenRequest request;
  take_run(line, request.edit);
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  request.opened = [&line](const std::string& url) {
    line.observer().note(
        "open this address in a browser on this machine; it holds the key to the "
        "page, and Ctrl-C ends it: " +
        url);
  };
  const EditOutcome outcome = open_run(line.tables(), request, line.observer());
  print_in_force(line, outcome);
  line.result(edits_result(outcome));
  return 0;
}

int run_edits(CommandLine& line) {
  EditRequest request;
  take_run(line, request);
  if (!line.parse()) return 0;
  const EditOutcome outcome = edits_in_force(request.run);
  print_in_force(line, outcome);
  line.result(edits_result(outcome));
  return 0;
}

}  // namespace nolabel::cli
