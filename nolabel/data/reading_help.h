// Others that read pictures of a listing, too: processes with processors of their own, for example.
#pragma once

#include <functional>
#include <vector>

#include "nolabel/data/read_listed.h"

namespace nolabel {

class ReadingHelp {
 public:
  virtual ~ReadingHelp() = default;

  using Read = std::function<ReadResult(const ListedImage&)>;
  // What read_listed() says of each of `images`, which are files, in their order. `read_here` is
  // called, on up to `threads` threads, for those that nobody else reads, and may throw. Throws
  // Error of those who help.
  virtual std::vector<ReadResult> read(const std::vector<const ListedImage*>& images,
                                       const ReadingOptions& options, int threads,
                                       const Read& read_here) = 0;
};

}  // namespace nolabel
