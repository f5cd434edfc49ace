// skipped.csv: which files could not be used, and why.
#pragma once

#include <filesystem>
#include <vector>

#include "nolabel/data/dataset.h"

namespace nolabel {

// Rows "path,reason" under that header; without skipped images only the header.
void write_skipped_csv(const std::filesystem::path& path, const std::vector<SkippedImage>& skipped);

}  // namespace nolabel
