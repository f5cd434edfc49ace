// Progress under another name, for work that is done again for another reason.
#pragma once

#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

// Shows every progress as that of `stage`; the rest is as `observer` has it.
Observer renamed(const Observer& observer, const std::string& stage);

}  // namespace nolabel
