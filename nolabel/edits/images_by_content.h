// Which images have a content: more than one where images are identical.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "nolabel/data/duplicates.h"

namespace nolabel {

class ImagesByContent {
 public:
  // contents [N] must live as long as this.
  explicit ImagesByContent(const std::vector<ContentId>& contents)
      : contents_(contents), order_(contents.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::ranges::stable_sort(order_, {}, [&](int64_t i) { return contents[i]; });
  }

  // Ascending; empty when no image has the content.
  std::span<const int64_t> of(const ContentId& content) const {
    return std::ranges::equal_range(order_, content, {}, [&](int64_t i) { return contents_[i]; });
  }

 private:
  const std::vector<ContentId>& contents_;
  std::vector<int64_t> order_;
};

}  // namespace nolabel
