// Partitions of nodes, held as the number of each node's community: counting and numbering.
#pragma once

#include <cstdint>
#include <vector>

namespace nolabel {

// How many nodes each community has. community [N] holds numbers of 0 or more. The result ends with
// the last community that has nodes.
std::vector<int64_t> community_sizes(const std::vector<int64_t>& community);

// Numbers the communities from 0 without gaps, in the order of their smallest nodes. community [N]
// holds numbers in 0..N-1. Returns how many communities there are.
int32_t number_in_order(std::vector<int32_t>& community);

// The same partition with communities numbered from 0 by falling size, and equally large ones by
// their smallest node. community [N] holds numbers in 0..N-1.
std::vector<int64_t> numbered_by_size(std::vector<int32_t> community);

// How many of `nodes` nodes a community must hold to count as a group of images rather than as a
// few strays: 0.2 %, and at least smallest_large.
inline constexpr int64_t smallest_large = 2;
int64_t least_of_large(int64_t nodes);

}  // namespace nolabel
