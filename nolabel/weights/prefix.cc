#include "nolabel/weights/prefix.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/weights/weights_in.h"

namespace nolabel {

StateDict with_prefix(StateDict state, const std::string& prefix) {
  for (NamedTensor& entry : state) {
    if (!entry.name.starts_with(prefix)) entry.name.insert(0, prefix);
  }
  return state;
}

Value with_prefix(const Value& file, const std::string& prefix, const std::string& file_name) {
  const auto* dict = std::get_if<std::shared_ptr<ValueDict>>(&file.data);
  if (!dict) fail_data("{} must be a dict of weights. It is not.", file_name);
  ValueDict entries = **dict;
  for (auto& [key, value] : entries) {
    const auto* name = std::get_if<std::string>(&key.data);
    const bool holds_weights = name && std::ranges::any_of(state_keys, [name](const char* known) {
                                 return *name == known;
                               });
    if (!holds_weights) continue;
    value = to_value(with_prefix(to_state_dict(value, file_name), prefix));
    return Value::dict(std::move(entries));
  }
  return to_value(with_prefix(to_state_dict(file, file_name), prefix));
}

}  // namespace nolabel
