// The processor and the memory, for `nolabel doctor`.
#pragma once

#include <cstdint>
#include <string>

namespace nolabel::cli {

// "AMD EPYC 7B13", or "unknown".
std::string processor_name();

// Bytes of memory that this process may use: the machine's, or the container's limit.
uint64_t usable_memory_bytes();

}  // namespace nolabel::cli
