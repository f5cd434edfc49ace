#include "nolabel/record/json_text.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/path_text.h"

namespace nolabel {
namespace {

using nlohmann::json;

std::string escaped(const std::string& text) {
  return is_utf8(text) ? text : path_to_json(text);
}

// Returns a copy in which every text is UTF-8.
json in_utf8(const json& value) {
  if (value.is_string()) return escaped(value.get_ref<const std::string&>());
  if (value.is_array()) {
    json copy = json::array();
    for (const json& element : value) copy.push_back(in_utf8(element));
    return copy;
  }
  if (!value.is_object()) return value;
  json copy = json::object();
  for (const auto& [key, element] : value.items()) copy[escaped(key)] = in_utf8(element);
  return copy;
}

}  // namespace

std::string json_text(const json& value, int indent) {
  return in_utf8(value).dump(indent);
}

}  // namespace nolabel
