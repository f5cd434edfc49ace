// A document, checked against the clusters of a run and settled, so that the run's log can take it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nolabel/edits/edited_clusters.h"

namespace nolabel {

// Splits `images` of a cluster, given by their index: returns for each a part from 0 to into-1.
using SplitImages =
    std::function<std::vector<int>(int cluster, const std::vector<int64_t>& images, int into)>;

// names [N]: paths as assignments.csv has them. contents [N]: of the images.
//
// `split` gets one image of each content that is in the cluster and is not junk. The part with most
// images keeps the id of the cluster; the others get new ids by falling size, above all that the
// run has used. Of equal parts the one that has the earlier image comes first.
//
// Throws Error(Fault::usage), naming `file`, when a cluster or path of the document does not exist,
// when a cluster has too few images for its split, and when the document wants different things of
// identical images.
AppliedEdits prepare(const Edits& edits, const EditedClusters& now,
                     const std::vector<std::string>& names, const std::vector<ContentId>& contents,
                     const SplitImages& split, const std::filesystem::path& file = "edits.json");

}  // namespace nolabel
