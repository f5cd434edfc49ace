// Exact search, divided among the processes of a group. search_share.h says how.
//
// The leader's messages: "nearest" with what all processes know of the search, then a "wave" of
// blocks after the other, then "searched". After each wave every process hands over what it found;
// the leader alone keeps it. Between two waves the workers wait, so this is where the leader may
// stop: "searched" may come after any wave.
#pragma once

#include "nolabel/group/group.h"
#include "nolabel/group/message.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Vectors;

inline constexpr auto nearest_subject = "nearest";

// In the leader: find_nearest_to_each_other() with options.group. What fails in the leader within a
// wave fails in the whole group (Group::fail), because the others wait for what cannot come. After
// a stop on request, and after what a callback of the observer throws, the group can be used.
Nearest find_nearest_in_group(const Vectors& vectors, const SearchOptions& options,
                              const Observer& observer);

// In a worker: takes part in the search that the message "nearest" begins, until it is over. Holds
// its share of the rows, and beside them what the options of the leader allow. Throws what the
// group throws.
void help_to_search(Group& group, const Message& begin);

}  // namespace nolabel
