#include "nolabel/base/error.h"
#include "nolabel/pickle/pickle.h"

namespace nolabel::pickle {

Value Pickle::root() const {
  return {*this, root_};
}

int64_t Value::integer() const {
  if (const auto* number = get_if<int64_t>()) return *number;
  if (const auto* truth = get_if<bool>()) return *truth;
  fail_data("a number is missing in its pickle");
}

std::string_view Value::text() const {
  const auto* text = get_if<std::string_view>();
  if (!text) fail_data("a text is missing in its pickle");
  return *text;
}

std::vector<Value> Value::items() const {
  const auto* instance = get_if<Instance>();
  const bool has_items = instance && instance->sequence != nothing;
  const auto* sequence = (has_items ? other(instance->sequence) : *this).get_if<Sequence>();
  if (!sequence) fail_data("a list is missing in its pickle");
  std::vector<Value> items;
  items.reserve(sequence->items.size());
  for (const Reference item : sequence->items) items.push_back(other(item));
  return items;
}

std::vector<std::pair<Value, Value>> Value::entries() const {
  const auto* instance = get_if<Instance>();
  const bool has_entries = instance && instance->mapping != nothing;
  const auto* mapping = (has_entries ? other(instance->mapping) : *this).get_if<Mapping>();
  if (!mapping) fail_data("a dict is missing in its pickle");
  std::vector<std::pair<Value, Value>> entries;
  entries.reserve(mapping->items.size());
  for (const auto& [key, value] : mapping->items) entries.emplace_back(other(key), other(value));
  return entries;
}

std::optional<Value> Value::find(std::string_view key) const {
  for (const auto& [name, value] : entries()) {
    const auto* text = name.get_if<std::string_view>();
    if (text && *text == key) return value;
  }
  return std::nullopt;
}

Value Value::at(std::string_view key) const {
  const std::optional<Value> found = find(key);
  if (!found) fail_data("its pickle has no \"{}\"", key);
  return *found;
}

std::string_view Value::type_name() const {
  // Bounded: an instance's callable may be an instance, and a hostile one itself.
  Value value = *this;
  for (int depth = 0; depth < 4; ++depth) {
    if (const auto* global = value.get_if<Global>()) return global->name;
    if (const auto* instance = value.get_if<Instance>()) {
      value = other(instance->callable);
    } else if (const auto* persistent = value.get_if<Persistent>()) {
      // PyTorch before 1.6 writes classes of whole models as ('module', class, file, source).
      const auto* parts = other(persistent->identifier).get_if<Sequence>();
      if (!parts || parts->items.size() < 2) break;
      value = other(parts->items[1]);
    } else {
      break;
    }
  }
  return {};
}

std::vector<Value> Value::arguments() const {
  const auto* instance = get_if<Instance>();
  if (!instance) fail_data("an object is missing in its pickle");
  return other(instance->arguments).items();
}

std::optional<Value> Value::state() const {
  const auto* instance = get_if<Instance>();
  if (!instance || instance->state == nothing) return std::nullopt;
  return other(instance->state);
}

}  // namespace nolabel::pickle
