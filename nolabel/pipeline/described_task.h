// The task of a training that a group makes, in a worker.
#pragma once

#include <memory>

#include "nolabel/group/message.h"
#include "nolabel/train/task.h"
#include "nolabel/workers/shared_images.h"

namespace nolabel {

// From what Task::describe() has put into a message. The task has the same inputs, outputs and
// loss; it is neither validated nor saved. `images` must outlive it.
std::unique_ptr<Task> described_task(MessageReader& reader, const SharedImages& images);

}  // namespace nolabel
