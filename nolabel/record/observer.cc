#include "nolabel/record/observer.h"

#include "nolabel/base/error.h"

namespace nolabel {

void Observer::stop_if_requested() const {
  if (cancel.requested())
    throw Error(Fault::stopped, "stopped on request. Run the same command again to continue.");
}

}  // namespace nolabel
