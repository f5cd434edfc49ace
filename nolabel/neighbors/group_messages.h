// What the processes of a divided search tell each other. Private to this folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/group/group.h"
#include "nolabel/group/message.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {

inline constexpr auto searched_subject = "searched";  // the search is over

// Pairs of blocks that each thread gets in the first wave. A wave has twice as many as the one
// before if that took less than short_wave: a stop waits for the end of a wave, and progress is
// shown there.
inline constexpr int64_t first_wave_pairs = 64;
inline constexpr std::chrono::milliseconds short_wave{700};

// From the leader to the others.
void send(Group& group, Message message);

// The message goes to all processes, the leader too, where `take` does what it says. What fails
// there fails in the whole group, because the others wait for what cannot come.
template <class Take>
auto lead(Group& group, Message message, const Take& take) {
  try {
    broadcast(group, message);
    return take(message);
  } catch (const std::exception& exception) {
    throw group.fail(as_error(exception));
  }
}

// Between two waves. What this throws, on request or from the observer, ends the search of the
// workers, too, which wait for a wave.
void show_progress(Group& group, SearchProgress& progress, int64_t done);

// After the last wave: ends the search of the workers, and makes indices of the matches.
void end_search(Group& group, Nearest& result);

// `count` of the rows from `first` on with their factors, as tensors of a message; nothing is
// copied.
std::vector<at::Tensor> sent_rows(const Vectors& vectors, int64_t first, int64_t count);
// The same where they arrive. They lie in the message, which must outlive them.
Vectors received_rows(const Message& message);

}  // namespace nolabel
