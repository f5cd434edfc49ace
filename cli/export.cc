// nolabel export RUN OUT: the result of a run in a form that other programs take.
#include "nolabel/pipeline/export_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "cli/frame/printable.h"
#include "cli/sorted_text.h"
#include "nolabel/base/error.h"
#include "nolabel/base/path_text.h"

namespace nolabel::cli {
namespace {

nlohmann::json export_result(const ExportRequest& request, const ExportOutcome& outcome) {
  nlohmann::json clusters = nlohmann::json::array();
  for (const auto& [identity, folder, images] : outcome.clusters) {
    nlohmann::json cluster = {{"id", identity.id}, {"name", identity.name}, {"images", images}};
    if (!folder.empty()) cluster["folder"] = folder;
    clusters.push_back(std::move(cluster));
  }
  return {
      {"out", path_to_json(request.out)},
      {"images", outcome.images},
      {"clusters", std::move(clusters)},
      {"left_out",
       {{"junk", outcome.junk}, {"duplicates", outcome.duplicates}, {"missing", outcome.missing}}}};
}

void print_export(const CommandLine& line, const ExportRequest& request,
                  const ExportOutcome& outcome) {
  line.print(format("{:>7} {:>8}  {}\n", "cluster", "images", "name"));
  for (const auto& [identity, folder, images] : outcome.clusters) {
    line.print(format("{:>7} {:>8}  {}\n", identity.id, images, printable(identity.name)));
  }
  line.print("\n");
  if (outcome.junk > 0) line.print(format("{} images of junk left out\n", outcome.junk));
  if (outcome.duplicates > 0) {
    line.print(format("{} duplicates left out\n", outcome.duplicates));
  }
  line.print(outcome.sorted ? sorted_text(request.out, *outcome.sorted)
                            : format("{}: {} images\n", request.out, outcome.images));
}

}  // namespace

int run_export(CommandLine& line) {
  ExportRequest request;
  line.argument("RUN", &request.run, "a run directory with clusters");
  line.argument("OUT", &request.out,
                "a folder to make, or with csv, jsonl and coco a file; - is stdout");
  declare(line.tables(), request);
  if (!line.parse()) return 0;
  if (request.out == "-" && line.json_on_stdout()) {
    fail_usage("OUT must name a file when --json - takes standard output.");
  }
  const ExportOutcome outcome = export_run(line.tables(), request, line.observer());
  if (request.out == "-" && !outcome.sorted) {
    line.print(outcome.text);
  } else {
    print_export(line, request, outcome);
  }
  line.result(export_result(request, outcome));
  return 0;
}

}  // namespace nolabel::cli
