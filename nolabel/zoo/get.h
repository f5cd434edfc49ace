// An entry's file, from what was shipped with the program or from a place that the user names;
// under its name there are only verified bytes.
#pragma once

#include <filesystem>
#include <string>

#include "nolabel/fetch/download.h"
#include "nolabel/record/observer.h"
#include "nolabel/zoo/manifest.h"

namespace nolabel {

struct ZooSource {
  std::string place;  // a folder, or an http(s) URL under which the files lie; may be empty
  DownloadPatience patience = {};
};

// Puts entry.file into `directory` (created if need be) and returns its path. What was shipped is
// not fetched; a head is joined with its backbone. A file that is there with the right bytes is
// kept. A download that was interrupted goes on in `directory`/.nolabel-zoo-<name>, which is
// removed at the end. While another process gets the same entry into the same directory, this one
// waits, says so, and then uses that file, or goes on where that process failed or was killed.
// Throws Error(Fault::usage) when another file has the name (unless `force`)
// and when the file was not shipped and there is no place; Error(Fault::data) when bytes are not
// the listed ones; Error(Fault::stopped) on request, also while waiting; else what download()
// throws.
std::filesystem::path get_entry(const ZooManifest& manifest, const ZooEntry& entry,
                                const ZooSource& source, const std::filesystem::path& directory,
                                bool force, const Observer& observer);

// Whether get_entry() needs no place.
bool is_shipped(const ZooManifest& manifest, const ZooEntry& entry);

// Throws Error(Fault::data), saying what differs, when `path` does not hold the listed bytes.
void require_listed_bytes(const ZooFile& file, const std::filesystem::path& path);

}  // namespace nolabel
