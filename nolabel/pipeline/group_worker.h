// A worker of a group: it does its share of whatever the leader asks for.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "nolabel/group/group.h"

namespace nolabel {

// Works until the leader ends the work. Throws the first error of the group, whoever had it.
void work_for_group(const std::shared_ptr<Group>& group, int threads);
// In the leader: the command is done, and the workers may end.
void end_work_of_group(Group& group);

// Once all have met: whether they run the same program in the same way. Throws Error(Fault::usage),
// naming what differs, in every process. `settings`: what all must have in common, by name.
void require_agreement(Group& group, const std::map<std::string, std::string>& settings);

}  // namespace nolabel
