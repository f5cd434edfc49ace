// Reads Python pickles as data. Private to weights.
//
// A machine of our own interprets the instructions that PyTorch's files use (protocols 2 to 5). It
// knows an allow-list of types and builds plain values from them; nothing is imported or called.
// Everything it makes is bounded by the pickle's length.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "nolabel/base/bytes.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

// What a pickle says about a storage that lies outside of it.
struct StorageReference {
  at::ScalarType type;
  std::string key;
  int64_t elements;
};

// Gives a flat tensor [elements] of that type; the same one for the same key.
using StorageSource = std::function<at::Tensor(const StorageReference&)>;

struct Unpickled {
  Value value;
  size_t bytes;  // up to and with the instruction that ends the pickle
};

// Error(Fault::data) when the pickle is damaged or names a type that is not allowed.
Unpickled unpickle(Bytes bytes, const StorageSource& storages);

}  // namespace nolabel
