// The identities of the clusters that `cluster` has found: those of the clusters before, where a
// new one continues one of them, and a person's edits, which hold for what was found anew.
#pragma once

#include <vector>

#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Gives each column of the chosen clustering the identity of the earlier cluster that it continues,
// or of an ended one that is back (ended_clusters.h), or a new one, in the run's state; leaves
// ended.csv. Call this before remember_found(). earlier [train]: earlier_clusters(). A note says
// what changed; with `again` also that nothing did, and the result holds for each column the id of
// the earlier cluster, -1: none; otherwise the result is empty.
std::vector<int64_t> settle_identities(RunDirectory& run, const Subject& subject,
                                       const Clustering& chosen,
                                       const std::vector<int64_t>& earlier, bool again,
                                       const Environment& environment);

// Leaves found.csv: the clusters of the given images by the chosen model. of_given [given,C]
void remember_found(const RunDirectory& run, const Subject& subject, const Matrix<float>& of_given);

// Where a person's edits are in force, the stage `edited` follows them and is then the chosen one;
// returns whether it is so. Edits that fit no more are told to the observer.
bool follow_edits(RunDirectory& run, const Subject& subject, const Environment& environment);

}  // namespace nolabel
