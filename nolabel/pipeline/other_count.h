// Another number of clusters for a run: what to say of an estimate, and what to make anew.
#pragma once

#include <string>

#include "nolabel/cluster/cluster_count.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// The estimate as a note for people. `frozen`: the backbone does not change, so that another number
// takes seconds.
std::string count_text(const ClusterCount& count, const RunDirectory& run, bool frozen);

// Of a run whose images have changed: where nolabel estimated its number of clusters, the range is
// estimated anew from the run's present neighbors. Returns a warning where the run's number is
// outside, and else an empty text. The caller saves the state.
std::string renew_cluster_range(RunDirectory& run, const Environment& environment);

// Removes what the run has of stages with another number of clusters, so that the stages are made
// anew, and what a stopped call made of them for this number is kept. A self-labelled model is of
// the SCAN model that it began with.
void remove_clusterings_of_other_count(const RunDirectory& run, int clusters);

}  // namespace nolabel
