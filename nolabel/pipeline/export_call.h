// Writes the result of a run in a form that other programs take, as one call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nolabel/config/tables.h"
#include "nolabel/edits/cluster_identity.h"
#include "nolabel/pipeline/sorted_folder.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// docs/formats.md, Export, says what each is.
enum class ExportFormat { folders, imagefolder, csv, json_lines, coco };
enum class ExportedDuplicates { keep, skip };

struct ExportRequest {
  std::string run;  // a run directory with assignments.csv
  std::string out;  // a folder, or a file; of a file, "-" is the outcome's text alone
  ExportFormat format = ExportFormat::folders;
  bool copy = false;            // copies instead of links in folders
  bool relative_links = false;  // links that name the images from where they stand
  bool junk = false;            // images of status junk, too
  ExportedDuplicates duplicates = ExportedDuplicates::keep;
};
// Positional arguments are the command's own.
void declare(SettingTables& tables, ExportRequest& request);

struct ExportOutcome {
  struct Cluster {
    ClusterIdentity identity;
    std::string folder;  // of folders and imagefolder; empty where no image is in it
    int64_t images = 0;  // exported ones, without junk
  };
  std::vector<Cluster> clusters;  // of the run, also those without images
  int64_t images = 0;             // exported, junk too
  // Left out: by the request, and because of what they are (LeftOutImages).
  int64_t junk = 0, duplicates = 0, missing = 0;
  std::optional<SortedCounts> sorted;  // of folders and imagefolder
  std::string text;                    // of the others: what the file holds
};

// Reads only files of the run, and neither its model nor pixels. An image whose picture is gone is
// left out with a warning. Throws Error: usage (also when the assignments do not follow the edits
// that are in force, or when `out` holds what no export has written), data (no picture is there),
// system, stopped.
ExportOutcome export_run(SettingTables& tables, ExportRequest& request, const Observer& observer);

}  // namespace nolabel
