// The formats of files of weights. Each is recognised by its first bytes and read into values;
// weights_file.cc has the table of them. Errors (Fault::data) say what is wrong without naming the
// file. Private to weights.
#pragma once

#include <map>
#include <string>

#include "nolabel/base/bytes.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

// PyTorch's zip format since 1.6, and TorchScript archives: their modules' tensors by name.
bool is_torch_zip(Bytes bytes);
Value read_torch_zip(Bytes bytes);
// Whether it is a TorchScript archive, which has code beside its tensors. Reads only names.
bool holds_code(Bytes bytes);

// PyTorch's format before 1.6: pickles one after another, then the storages.
bool is_torch_legacy(Bytes bytes);
Value read_torch_legacy(Bytes bytes);

bool is_safetensors(Bytes bytes);
Value read_safetensors(Bytes bytes);
std::map<std::string, std::string> safetensors_metadata(Bytes bytes);

// What Python's pickle.dump writes: tensors as NumPy's arrays, as in detectron2's .pkl files.
bool is_plain_pickle(Bytes bytes);
Value read_plain_pickle(Bytes bytes);

// A copy of `bytes` as a flat tensor.
at::Tensor flat_tensor(at::ScalarType type, Bytes bytes);

}  // namespace nolabel
