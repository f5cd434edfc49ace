// What the processes of a divided search tell each other. Private to this folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/group/message.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {

inline constexpr auto searched_subject = "searched";  // the search is over

// From the leader to the others.
void send(Group& group, Message message);

// `count` of the rows from `first` on with their factors, as tensors of a message; nothing is
// copied.
std::vector<at::Tensor> sent_rows(const Vectors& vectors, int64_t first, int64_t count);
// The same where they arrive. They lie in the message, which must outlive them.
Vectors received_rows(const Message& message);

// A match is as large as an index, so that the indices of a result hold its matches until this
// replaces them.
void decode_matches(Nearest& result);

}  // namespace nolabel
