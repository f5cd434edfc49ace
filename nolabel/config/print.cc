// Value to text and JSON: the other half of value_text.h.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nolabel/base/format.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

// The double that reads like the float: 0.1f is 0.1, not 0.10000000149.
double as_written(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  double wide = 0;
  std::from_chars(text, end, wide);
  return wide;
}
template <class T>
T as_written(T value) {
  return value;
}

template <class T>
std::string to_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value.empty() ? "none" : value;
  } else {
    return format("{}", as_written(value));
  }
}
template <class T>
std::string to_text(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ", ") + to_text(value);
  return "[" + text + "]";
}

template <class T>
nlohmann::json to_json_value(const T& value) {
  return as_written(value);
}
template <class T>
nlohmann::json to_json_value(const std::vector<T>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const T& value : values) list.push_back(as_written(value));
  return list;
}

}  // namespace

std::string value_text(const Setting& setting) {
  if (const auto* choice = std::get_if<Setting::Choice>(&setting.value)) {
    return choice->names.at(choice->get());
  }
  return std::visit([](auto* target) { return to_text(*target); },
                    std::get<Setting::Target>(setting.value));
}

nlohmann::json value_json(const Setting& setting) {
  if (std::holds_alternative<Setting::Choice>(setting.value)) return value_text(setting);
  return std::visit([](auto* target) { return to_json_value(*target); },
                    std::get<Setting::Target>(setting.value));
}

std::string range_text(const Setting& setting) {
  if (const auto* choice = std::get_if<Setting::Choice>(&setting.value)) {
    std::string names;
    for (const std::string& name : choice->names) names += (names.empty() ? "" : ", ") + name;
    return "one of " + names;
  }
  const auto [low, high] = setting.range;
  if (std::isfinite(low) && std::isfinite(high)) return format("{}..{}", low, high);
  if (std::isfinite(low)) return format("at least {}", low);
  if (std::isfinite(high)) return format("at most {}", high);
  return "";
}

std::string in_quotes(std::string_view text) {
  constexpr size_t longest = 60;
  std::string line(text.substr(0, longest));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return '"' + line + (text.size() > longest ? "…\"" : "\"");
}

}  // namespace nolabel
