#include "nolabel/run/what_changed.h"

#include <algorithm>
#include <map>

#include "nolabel/base/format.h"
#include "nolabel/run/mined_features.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr const char* setting_prefix = "/settings/";
constexpr const char* input_prefix = "/inputs/";

// For people; the key itself where it is not listed.
std::string input_name(const std::string& key) {
  static const std::map<std::string, std::string> names = {
      {"backbone", "the backbone"},
      {"features", "the backbone"},  // that the mined features are of
      {"start", "the backbone that training starts from"},
      {"weights", "the imported weights"},
      {"scan", "the SCAN model"},
      {"train_neighbors", "the neighbor table"},
      {"validation_neighbors", "the validation neighbor table"}};
  const auto found = names.find(key);
  return found == names.end() ? key : found->second;
}

std::string shown(const json& value) {
  if (value.is_null()) return "unset";
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json at_key(const json& tree, const std::string& pointer) {
  const json::json_pointer where(pointer);
  return tree.contains(where) ? tree[where] : json();
}

std::string setting_change(const std::string& pointer, const MadeFrom& was, const MadeFrom& is) {
  std::string name = pointer.substr(std::string(setting_prefix).size());
  std::ranges::replace(name, '/', '.');
  return format("{} was {}, is {}", name, shown(at_key(was.provenance, pointer)),
                shown(at_key(is.provenance, pointer)));
}

bool mined_before_head(const json& provenance) {
  const json features = at_key(provenance, "/inputs/features");
  return features.is_string() && MinedFeatures::parse(features).before_head;
}

std::string input_text(const std::string& pointer, const MadeFrom& was, const MadeFrom& is) {
  const std::string key = pointer.substr(std::string(input_prefix).size());
  const std::string name = input_name(key);
  const json before = was.names.value(key, json()), now = is.names.value(key, json());
  if (before.is_string() && now.is_string() && before != now) {
    return format("{} was {}, is {}", name, shown(before), shown(now));
  }
  if (key == "features") {
    const bool was_before = mined_before_head(was.provenance),
               now_before = mined_before_head(is.provenance);
    if (was_before != now_before) {
      return format("before_head was {}, is {}", was_before, now_before);
    }
  }
  if (at_key(was.provenance, pointer).is_null()) return name + " was not used";
  if (at_key(is.provenance, pointer).is_null()) return name + " is no longer used";
  if (before.is_string() && before == now) {
    return format("{} ({}) has changed", name, shown(before));
  }
  return now.is_string() ? format("{} changed and is now {}", name, shown(now))
                         : name + " has changed";
}

// How the pixels were kept, as the fingerprint of the data has it before its colon.
std::string cache_format_of(const json& provenance) {
  const std::string data = provenance.value("data", "");
  return data.find(':') == data.npos ? "raw" : "compressed";
}

std::string data_text(const MadeFrom& was, const MadeFrom& is, const std::string& data_change) {
  const std::string before = cache_format_of(was.provenance), now = cache_format_of(is.provenance);
  if (before != now) return format("cache_format was {}, is {}", before, now);
  if (!data_change.empty()) return "the images changed: " + data_change;
  return "the images, their order or the reading of their pixels changed";
}

}  // namespace

std::vector<std::string> changed_keys(const json& was, const json& is) {
  const json before = was.flatten(), now = is.flatten();
  std::vector<std::string> keys;
  const auto is_empty = [](const json& value) { return value.is_null(); };  // flatten() of {}
  for (const auto& [key, value] : now.items()) {
    if (!key.empty() && !is_empty(value) && (!before.contains(key) || before[key] != value))
      keys.push_back(key);
  }
  for (const auto& [key, value] : before.items()) {
    if (!key.empty() && !is_empty(value) && !now.contains(key)) keys.push_back(key);
  }
  return keys;
}

std::string what_changed(const MadeFrom& was, const MadeFrom& is, const std::string& data_change) {
  std::vector<std::string> data, others;
  for (const std::string& key : changed_keys(was.provenance, is.provenance)) {
    if (key == "/data") {
      data.push_back(data_text(was, is, data_change));
    } else if (key.starts_with(input_prefix)) {
      others.push_back(input_text(key, was, is));
    } else if (key.starts_with(setting_prefix)) {
      others.push_back(setting_change(key, was, is));
    } else {
      others.push_back(format("{} was {}, is {}", key.substr(1), shown(at_key(was.provenance, key)),
                              shown(at_key(is.provenance, key))));
    }
  }
  data.insert(data.end(), others.begin(), others.end());
  std::string text;
  for (const std::string& part : data) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace nolabel
