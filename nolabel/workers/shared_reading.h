// The pictures that the processes of a group read together. The leader lists them; each process
// reads a share, if it has the same files at the same places, and sends the pixels to the leader.
#pragma once

#include <memory>

#include "nolabel/data/reading_help.h"
#include "nolabel/group/message.h"

namespace nolabel {

inline constexpr const char* pictures_subject = "pictures";

// In the leader. Null where the other processes would only take processors away from this one: in a
// group of one, and where all share one machine's processors.
std::shared_ptr<ReadingHelp> shared_reading(const std::shared_ptr<Group>& group);

// In a worker, on `threads` threads: its share of what the leader asks for.
void help_to_read(Group& group, const Message& message, int threads);

}  // namespace nolabel
