// Threads: how many there are to use, and a loop over them.
#pragma once

#include <cstdint>
#include <functional>

namespace nolabel {

// Processors this process may use: the affinity mask and the container's CPU quota (cgroup v1 and
// v2), at least 1.
int available_threads();

// Throws Error(Fault::system) where the machine cannot run `count` more threads at the same time:
// because of memory for their stacks, or a limit of their number. Some libraries start threads and
// never look whether one has begun.
void require_threads(int count);

// Calls body(begin, end) for consecutive pieces of [0, n), at most `grain` long, on up to `threads`
// threads, the caller's among them; returns when all are done. The first exception that a piece
// throws is rethrown here, after the others ended; no new piece starts after it.
// The threads are OpenMP's, the team that LibTorch's operators use, so the two never compete.
void parallel_for(int64_t n, int threads, int64_t grain,
                  const std::function<void(int64_t begin, int64_t end)>& body);

}  // namespace nolabel
