// The name of another machine.
#pragma once

#include <chrono>
#include <string>

namespace nolabel {

// Returns when `host`, a name or an address, has an address. The name service of a cluster may know
// a machine a little later than its starter does. Throws Error(Fault::system) after `limit`, or
// when the name service has answered a question that was asked before.
void wait_for_address(const std::string& host, std::chrono::duration<double> limit);

}  // namespace nolabel
