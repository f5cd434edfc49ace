// One listed image to pixels: read, decode, shrink. The parallel part of pack.cc.
#pragma once

#include <string>

#include "nolabel/data/duplicates.h"
#include "nolabel/data/listing.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/image.h"

namespace nolabel {

struct ReadResult {
  Image image;
  std::string compressed;  // from which `image` was decoded; empty unless CacheFormat::compressed
  ContentId content{};
  std::string digest;  // image_digest()
  DecodeRemarks remarks;
  std::string failure;  // why there is no image; empty when there is one
};

// Thread-safe. A picture that cannot be used is a `failure`, never an exception.
ReadResult read_listed(const ListedImage& listed, const ReadingOptions& options);

// ReadResult::content alone, without decoding. Throws Error(Fault::system) when the file cannot be
// read.
ContentId content_of(const ListedImage& listed);

}  // namespace nolabel
