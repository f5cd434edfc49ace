// Files of weights, in every format people have, as one tree of values.
//
// Read: PyTorch's zip and legacy streams, TorchScript archives (as data), safetensors, and plain
// pickles of NumPy arrays. Pickles are read by nolabel/pickle, which executes nothing; depth and
// sizes are bounded. Written: PyTorch's zip format, which
// Python opens with torch.load(weights_only=True), and safetensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nolabel/weights/state_dict.h"

namespace nolabel {

// An object of a class that files of weights do not need: its class's name, and nothing of it.
struct Opaque {
  std::string type;        // "argparse.Namespace"
  bool is_module = false;  // a whole torch.nn.Module: it has tensors, but not by name
};

// What a checkpoint is made of: None, bool, int, float, str, tensor (NumPy's arrays too), list
// (tuples too), dict, anything else.
struct Value;
using ValueList = std::vector<Value>;
using ValueDict = std::vector<std::pair<Value, Value>>;  // in the file's order; keys: str or int
struct Value {
  std::variant<std::monostate, bool, int64_t, double, std::string, at::Tensor,
               std::shared_ptr<ValueList>, std::shared_ptr<ValueDict>, Opaque>
      data;

  Value() = default;
  template <class T>
  Value(T value) : data(std::move(value)) {}
  static Value list(ValueList items) { return {std::make_shared<ValueList>(std::move(items))}; }
  static Value dict(ValueDict items) { return {std::make_shared<ValueDict>(std::move(items))}; }
  // The entry of a dict, or nullptr (also when this is no dict).
  const Value* find(const std::string& key) const;
};

// Error(Fault::data) with one line that names the file and what is wrong with it.
Value read_weights_file(const std::filesystem::path& path);

// Whether the file is a program: a TorchScript archive, which has code beside its weights. False
// also for a file that is cut or damaged. Nothing is run. Error(Fault::system) when there is no
// such file.
bool is_program_file(const std::filesystem::path& path);

// Whole or not at all (base/file.h).
void write_torch_file(const std::filesystem::path& path, const Value& value);

// Tensors are written in their own type; `metadata` goes into the header's __metadata__.
void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata);
// The header's __metadata__; empty for the other formats.
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path);

Value to_value(const StateDict& state);
// The dict's tensors by name. Error(Fault::data) if an entry is no tensor.
StateDict to_state_dict(const Value& value, const std::string& file_name);

}  // namespace nolabel
