// What a user should know of the groups before trusting them.
#pragma once

#include <string>
#include <vector>

#include "nolabel/report/report_data.h"

namespace nolabel {

// Of the chosen clustering: weak features, and clusters without images. `expectation` is what is
// known of the backbone beforehand (BackboneChoice::warning), or empty.
std::vector<std::string> cluster_warnings(const ClusterStatistics& chosen,
                                          const std::string& expectation);

}  // namespace nolabel
