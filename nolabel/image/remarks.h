// What a decoder decided that the picture file does not state. Callers count the remarks and tell
// the user, because such a decision may be another than the user's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nolabel {

struct DecodeRemarks {
  // The file does not state its black and white (float, signed or 32-bit levels), or the picture
  // uses less than a quarter of what it states (12-bit levels in 16 bits), not counting outliers.
  // See levels.h.
  bool levels_scaled = false;
  // The picture has more bands than red, green, blue and alpha, and the others were left out.
  bool bands_dropped = false;
};

// Remarks of many pictures. Not thread-safe: one thread adds.
class RemarkCounts {
 public:
  void add(const DecodeRemarks& remarks);

  // One sentence for each kind of remark that occurred, with its number of pictures.
  std::vector<std::string> lines() const;

 private:
  int64_t levels_scaled_ = 0, bands_dropped_ = 0;
};

}  // namespace nolabel
