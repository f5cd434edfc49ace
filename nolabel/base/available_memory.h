// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <string>

namespace nolabel {

// Bytes that the kernel can still give (MemAvailable), or the rest of the limit of the process's
// control group (cgroup v2), whichever is less; the largest number where neither is known.
int64_t available_memory();

// Throws Error(Fault::system) where `what` needs more bytes than that. Linux promises memory that
// it does not have and ends the process that writes to it, so a failed allocation tells too little.
void require_memory(double bytes, const std::string& what);

}  // namespace nolabel
