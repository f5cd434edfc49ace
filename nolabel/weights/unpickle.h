// Pickles of files of weights as values. The bytes are read by nolabel/pickle, which executes
// nothing; here the names that PyTorch, NumPy and Python's containers have get their meaning, and
// every other class becomes an Opaque with its name. Private to weights.
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

// Which storages `unpickle` asks its source for.
enum class StoragesWanted { of_tensors, all };

struct Unpickled {
  Value value;
  size_t bytes;  // up to and with the instruction that ends the pickle
};

// Error(Fault::data) when the pickle is damaged, nested without bound or makes Python run programs.
Unpickled unpickle(Bytes bytes, const StorageSource& storages,
                   StoragesWanted wanted = StoragesWanted::of_tensors);

}  // namespace nolabel
