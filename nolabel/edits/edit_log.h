// The edits that are in force in a run: its file edit-log.json. (A person
// writes documents named edits.json; one that is saved into the run replaces no log.)
//
// The run's images may be renamed, added or clustered again after an edit. So the log keeps beside
// each document the contents of the images that it is about, and edited_clusters.h applies it to
// the images that have these contents now.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nolabel/data/duplicates.h"
#include "nolabel/edits/edits_file.h"

namespace nolabel {

// A cluster that a split has made.
struct MadeCluster {
  int id = 0;
  int from = 0;                          // the cluster that was split
  std::vector<ContentId> contents = {};  // of the images that left it
  bool operator==(const MadeCluster&) const = default;
};

// A document as prepare() (prepared_edits.h) has settled it.
struct AppliedEdits {
  Edits asked = {};
  std::map<std::string, ContentId> contents = {};  // of every path in `asked`
  std::vector<MadeCluster> made = {};
  bool operator==(const AppliedEdits&) const = default;
};

std::filesystem::path edit_log_file(const std::filesystem::path& run);

// In the order in which they were applied. Empty when the run has no log. Throws Error(Fault::data)
// when the file is not what write_edit_log() writes, and Error(Fault::usage) when a newer version
// wrote it.
std::vector<AppliedEdits> read_edit_log(const std::filesystem::path& run);
void write_edit_log(const std::filesystem::path& run, const std::vector<AppliedEdits>& log);

// Drops the last document; false when there is none.
bool undo(std::vector<AppliedEdits>& log);

}  // namespace nolabel
