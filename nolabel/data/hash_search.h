// Which images may be copies of which, by their perceptual hashes, without comparing all with all:
// multi-index hashing (Norouzi, Punjani, Fleet: "Fast Search in Hamming Space with Multi-Index
// Hashing", CVPR 2012). A hash is cut into four parts; two hashes that differ in at most 8 bits
// differ in at most 2 bits of some part, so a table per part and its near entries find them all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nolabel/record/observer.h"

namespace nolabel {

// Of one window of an image; an image has several.
struct WindowHash {
  uint64_t hash;
  int32_t image;
};

struct HashMatch {
  int32_t image;
  int distance;  // bits
  bool operator==(const HashMatch&) const = default;
};

struct HashMatches {
  // [N] the images of which a window looks like the whole image: the nearest, by distance, then by
  // number; each once, at most HashSearch::kept of them.
  std::vector<std::vector<HashMatch>> containing;
  std::vector<int64_t> containing_count;  // [N] in how many of those lists the image is
};

struct HashSearch {
  int radius = 8;  // bits, 0..11
  int kept = 16;
  // Entries of a table that one lookup looks at: where very many images are the same, more of them
  // say nothing new, and the search would take the square of their number.
  int looked_at = 4096;
  int threads = 1;
};

// wholes [N]: the hash of each whole image, if it has one. windows: in any order. Throws
// Error(Fault::stopped) on request.
HashMatches match_hashes(const std::vector<std::optional<uint64_t>>& wholes,
                         const std::vector<WindowHash>& windows, const HashSearch& search,
                         const Observer& observer);

}  // namespace nolabel
