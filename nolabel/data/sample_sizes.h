// How large the pictures of a source are, before any of them is loaded.
#pragma once

#include <filesystem>
#include <vector>

#include "nolabel/data/source.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// Short sides, in pixels, of a sample of the images that load_images() would read, spread evenly
// over all of them. What is longer than `enough` pixels may come out shorter, but never as `enough`
// or less: JPEGs are decoded at a reduced scale. Files that cannot be read are left out. Errors as
// load_images().
std::vector<int> sample_short_sides(const std::vector<std::filesystem::path>& paths,
                                    const LoadOptions& options, int enough,
                                    const Observer& observer);

}  // namespace nolabel
