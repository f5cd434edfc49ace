// What screening (data/screening.h) finds among the images of a run, kept in the run directory, and
// its list for people, duplicates.csv.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/data/screening.h"
#include "nolabel/data/settings.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/image_list.h"

namespace nolabel {

// The images of a run whose near-duplicates matter: one data set after another.
struct ScreenedData {
  std::vector<const Dataset*> datasets;
  std::vector<ContentId> contents;  // [N] of all of them
  std::string fingerprint;          // of all of them
};

// With Duplicates::group, what screen_images() finds; kept in `directory`/screening.npy, if one is
// given. Where more than a tenth of the images seem to show nothing, they are what the collection
// is about, and all count as images with content; a note says so. With Duplicates::keep, exact
// copies only.
Screening run_screening(const ScreenedData& data, Duplicates duplicates,
                        const std::optional<std::filesystem::path>& directory,
                        const Environment& environment);

// "group,path": the images of each group, its representative first. Removes the file of an earlier
// call where there are no groups.
void write_duplicates(const std::filesystem::path& file, const ImageList& images,
                      const std::vector<int64_t>& representative);

}  // namespace nolabel
