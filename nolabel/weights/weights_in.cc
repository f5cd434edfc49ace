#include "nolabel/weights/weights_in.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t keys_shown = 6;

const ValueDict* dict_in(const Value& value) {
  const auto* dict = std::get_if<std::shared_ptr<ValueDict>>(&value.data);
  return dict ? dict->get() : nullptr;
}

bool is_optimizer(const Value& value) {
  return value.find("param_groups") != nullptr;
}

// Adds the tensors of `value` and of the dicts in it; the first tensor that cannot be read stops.
void collect(const Value& value, const std::string& prefix, const std::string& file_name,
             StateDict& state) {
  const ValueDict* dict = dict_in(value);
  if (!dict || is_optimizer(value)) return;
  for (const auto& [key, item] : *dict) {
    const auto* name = std::get_if<std::string>(&key.data);
    if (!name) continue;
    if (const auto* tensor = std::get_if<at::Tensor>(&item.data)) {
      state.push_back({prefix + *name, *tensor});
    } else if (const auto* opaque = std::get_if<Opaque>(&item.data)) {
      if (!opaque->type.starts_with("torch._utils._rebuild")) continue;
      fail_data("{}: the tensor {} must be a plain one. It is made by {} (quantised or sparse?).",
                file_name, prefix + *name, opaque->type);
    } else {
      collect(item, prefix + *name + ".", file_name, state);
    }
  }
}

// A module somewhere in the file, or nullptr.
const Opaque* whole_model(const Value& value) {
  if (const auto* opaque = std::get_if<Opaque>(&value.data)) {
    return opaque->is_module ? opaque : nullptr;
  }
  const ValueDict* dict = dict_in(value);
  if (!dict) return nullptr;
  for (const auto& [key, item] : *dict) {
    const auto* opaque = std::get_if<Opaque>(&item.data);
    if (opaque && opaque->is_module) return opaque;
  }
  return nullptr;
}

std::string keys_of(const ValueDict& dict) {
  std::string text;
  size_t shown = 0;
  for (const auto& [key, item] : dict) {
    const auto* name = std::get_if<std::string>(&key.data);
    if (!name) continue;
    if (shown++ == keys_shown) return text + " …";
    text += format(text.empty() ? "{}" : ", {}", *name);
  }
  return text.empty() ? "nothing by name" : text;
}

[[noreturn]] void fail_without_tensors(const Value& value, const std::string& file_name) {
  if (const Opaque* model = whole_model(value)) {
    fail_data(
        "{} must hold weights by name. It holds a whole pickled model (class {}): load it in "
        "Python and save model.state_dict() with torch.save.",
        file_name, model->type);
  }
  if (const auto* opaque = std::get_if<Opaque>(&value.data)) {
    fail_data("{} must hold weights by name. It holds an object of the class {}.", file_name,
              opaque->type);
  }
  const ValueDict* dict = dict_in(value);
  if (!dict) fail_data("{} must hold weights by name. It holds no dict.", file_name);
  if (is_optimizer(value)) {
    fail_data(
        "{} must hold weights by name. It holds the state of an optimizer: give the checkpoint of "
        "the model.",
        file_name);
  }
  fail_data("{} must hold weights by name. It has no tensors, but {}.", file_name, keys_of(*dict));
}

}  // namespace

StateDict weights_in(const Value& value, const std::string& file_name) {
  StateDict state;
  for (const char* key : state_keys) {
    const Value* found = value.find(key);
    if (found) collect(*found, "", file_name, state);
    if (!state.empty()) return state;
  }
  // A whole model beside tensors of something else: those would be taken for the model's.
  if (!whole_model(value)) collect(value, "", file_name, state);
  if (state.empty()) fail_without_tensors(value, file_name);
  return state;
}

}  // namespace nolabel
