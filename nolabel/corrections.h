// A person's corrections of a run's clusters, and the result in the forms of other programs: part
// of nolabel.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/record/observer.h"
#include "nolabel/values.h"

namespace nolabel {

struct EditOptions {
  std::filesystem::path run{};  // a run directory with clusters on a frozen backbone
  // A file as docs/formats.md (Edits) has it: names, merge, split, move, junk, keep. Empty: only
  // what is in force already takes effect, or with `undo` the last file is taken back.
  std::filesystem::path edits{};
  bool undo = false;
  Compute compute{};
};
struct EditedCluster {
  NamedCluster cluster;
  std::string origin;  // "found by nolabel", "split from cluster 2"
  int64_t images = 0;  // without junk
};
struct EditResult {
  std::vector<EditedCluster> clusters;
  int64_t junk = 0;                   // images that a person has put aside
  int64_t changed = 0;                // images that this call has put elsewhere
  std::vector<std::string> in_force;  // what is in force, a line for people each
  bool waiting = false;               // no model can learn these: all else is what nolabel found
  std::filesystem::path assignments, report;
};
// Applies the file or nothing of it; model, assignments.csv and report follow. Corrections hold for
// images by their content, also when the run is clustered again. Throws Error(usage) that names the
// cluster or path that does not exist.
EditResult edit(const EditOptions& options, const Observer& observer = {});

struct ExportOptions {
  std::filesystem::path run{}, out{};  // a run directory; a folder or a file
  std::string format = "folders";      // imagefolder, csv, jsonl, coco (docs/formats.md, Export)
  bool copy = false, relative_links = false;  // in folders: copies, or links of this kind
  bool junk = false;                          // images of this status, too
  bool skip_duplicates = false;               // no images of status "duplicate"
};
struct ExportResult {
  std::vector<NamedCluster> clusters;  // [K] of the run
  std::vector<int64_t> sizes;          // [K] exported images, without junk
  int64_t images = 0, missing = 0;     // exported; left out because their pictures are gone
};
// Writes the result of a run in a form that other programs take.
ExportResult export_run(const ExportOptions& options, const Observer& observer = {});

}  // namespace nolabel
