// Exact search of queries in other rows, divided by queries among the processes of a group.
//
// The leader's messages: "queries" with what all processes know of the search; then for each band
// of queries its rows, of which every process keeps its share, and the whole database in waves of
// rows. After the last wave every process hands over what its queries found. "searched" may come
// after any wave, so this is where the leader may stop. Private to this folder, but for
// help_to_search_queries().
#pragma once

#include <cstdint>

#include "nolabel/group/group.h"
#include "nolabel/group/message.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Vectors;

inline constexpr auto queries_subject = "queries";

// In the leader: find_nearest() with options.group. What fails in the leader within a band fails in
// the whole group (Group::fail), because the others wait for what cannot come. After a stop on
// request, and after what a callback of the observer throws, the group can be used.
Nearest find_nearest_to_queries(const Vectors& queries, const Vectors& database,
                                const SearchOptions& options, const Observer& observer);

// In a worker: takes part in the search that the message "queries" begins, until it is over. Holds
// its share of the queries of a band and a wave of the database. Throws what the group throws.
void help_to_search_queries(Group& group, const Message& begin);

// How the leader cuts the search.
struct QueryPlan {
  int64_t band_rows;     // queries of all processes together
  int64_t wave_rows;     // of the database, at most
  int64_t memory_bytes;  // of each process, beside the features of the leader
};

// `threads`: of each process.
QueryPlan plan_queries(const Vectors& queries, const Vectors& database, int count, int threads,
                       int processes, int64_t memory_bytes);

}  // namespace nolabel
