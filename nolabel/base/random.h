// Counter-based random numbers: every draw is a pure function of (seed, purpose, counters).
//
// There is no generator state to save, share or lock: whoever knows what a number is for can draw
// it again, on any thread and after any restart. Philox4x32-10 of Salmon et al., "Parallel Random
// Numbers: As Easy as 1, 2, 3" (SC 2011).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace nolabel {

// What a number is drawn for; two purposes never share numbers. Append only: the values are part
// of what "same seed, same result" means.
enum class Purpose : uint32_t {
  initialization = 1,  // weights
  order = 2,           // shuffling of an epoch
  view = 3,            // parameters of a view
  neighbor = 4,        // which neighbor of an anchor
  split = 5,           // hold-out
  kmeans = 6,
  sample = 7,       // subsets for reports and statistics
  communities = 8,  // orders and draws of the Leiden algorithm
  consensus = 9,    // starts of the runs that a consensus is made of
  head = 10,        // order and neighbors in the training of a head
};

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A short stream of draws for one (seed, purpose, a, b, c). Cheap to make; not thread-safe.
class Random {
 public:
  Random(uint64_t seed, Purpose purpose, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0);

  uint32_t next();
  // Uniform in [0, 1), 24 bits.
  float uniform();
  // Uniform in [0, 1), 53 bits.
  double uniform_double();
  // Uniform in [low, high).
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  // Uniform in 0..n-1 without bias; n >= 1.
  uint64_t below(uint64_t n);
  bool chance(float probability) { return uniform() < probability; }
  // Standard normal (Box-Muller).
  double normal();

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
};

// Fisher-Yates.
template <class T>
void shuffle(std::vector<T>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

// A random order of 0..n-1.
std::vector<int64_t> permutation(int64_t n, Random random);

}  // namespace nolabel
