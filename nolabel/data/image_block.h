// Where the images of a data set lie.
#pragma once

#include <cstdint>
#include <memory>

#include "nolabel/base/file.h"

namespace nolabel {

struct ImageBlock {
  std::shared_ptr<const void> owner;  // of the memory, or of the mapped file
  const uint8_t* bytes = nullptr;     // of the first image
  const MappedFile* file = nullptr;   // the mapped file; nullptr: the images are in memory
};

}  // namespace nolabel
