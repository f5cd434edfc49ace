// How many threads LibTorch's operators take.
#pragma once

namespace nolabel {

// LibTorch's operators take as many threads as their calling thread was told to: `count` until this
// is destroyed, then as many as before. Throws Error(Fault::system) where the machine cannot run
// more threads than this process has had so far: LibTorch would wait for them without end, and
// OpenMP would end the process.
class ComputeThreads {
 public:
  explicit ComputeThreads(int count);
  ComputeThreads(const ComputeThreads&) = delete;
  ComputeThreads& operator=(const ComputeThreads&) = delete;
  ~ComputeThreads();

 private:
  const int before_;
};

}  // namespace nolabel
