#include "nolabel/model/prefix.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

Value prefixed(const Value& state, const std::string& prefix, const std::string& file_name) {
  StateDict renamed = to_state_dict(state, file_name);
  for (NamedTensor& entry : renamed) entry.name = prefix + entry.name;
  return to_value(renamed);
}

}  // namespace

Value with_prefix(const Value& file, const std::string& prefix, const std::string& file_name) {
  const auto* dict = std::get_if<std::shared_ptr<ValueDict>>(&file.data);
  if (!dict) fail_data("{} must be a dict of weights. It is not.", file_name);
  ValueDict entries = **dict;
  for (auto& [key, value] : entries) {
    const auto* name = std::get_if<std::string>(&key.data);
    if (!name || (*name != "model" && *name != "state_dict")) continue;
    value = prefixed(value, prefix, file_name);
    return Value::dict(std::move(entries));
  }
  return prefixed(file, prefix, file_name);
}

}  // namespace nolabel
