// Text to value: read_written_value() and assign() of value_text.h.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/base/home_folder.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  while (!trim(text).empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    items.emplace_back(trim(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

// YAML's grouping underscores and leading plus, which from_chars does not know.
std::string plain_number(std::string_view text) {
  std::string number(text);
  std::erase(number, '_');
  if (number.size() > 1 && number.front() == '+') number.erase(0, 1);
  return number;
}

template <class T>
bool from_text(const std::string& text, T* value) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && stopped == end;
}

bool parse(std::string_view text, bool* value) {
  const std::string lower = lower_case(text);
  const bool yes = lower == "true" || lower == "yes" || lower == "on" || lower == "1";
  const bool no = lower == "false" || lower == "no" || lower == "off" || lower == "0";
  if (yes || no) *value = yes;
  return yes || no;
}

template <class T>
requires std::is_floating_point_v<T>
bool parse(std::string_view text, T* value) {
  double wide = 0;
  if (!from_text(plain_number(text), &wide)) return false;
  *value = static_cast<T>(wide);
  return std::isfinite(*value);
}

template <class T>
requires std::is_integral_v<T>
bool parse(std::string_view text, T* value) {
  const std::string number = plain_number(text);
  if (from_text(number, value)) return true;
  // "100." and "1e3" are whole numbers too, as far as a double counts them.
  constexpr double exact = 9007199254740992.0;  // 2^53
  double wide = 0;
  if (!from_text(number, &wide) || wide != std::floor(wide) || std::abs(wide) > exact) return false;
  if (wide < static_cast<double>(std::numeric_limits<T>::min()) ||
      wide > static_cast<double>(std::numeric_limits<T>::max())) {
    return false;
  }
  *value = static_cast<T>(wide);
  return true;
}

template <class T>
constexpr const char* noun() {
  if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return "a list of whole numbers";
  } else if constexpr (std::is_same_v<T, std::vector<float>>) {
    return "a list of numbers";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "one text";
  } else {
    return std::is_integral_v<T> ? "a whole number" : "a number";
  }
}

std::string received(const WrittenValue& written) {
  if (written.kind == WrittenValue::Kind::nothing) return "nothing";
  if (written.kind == WrittenValue::Kind::scalar) {
    double number = 0;
    const std::string& text = written.items[0];
    return from_text(plain_number(text), &number) ? text : in_quotes(text);
  }
  std::string list;
  for (const std::string& item : written.items) list += (list.empty() ? "" : ", ") + item;
  return in_quotes("[" + list + "]");
}

[[noreturn]] void refuse(const Setting& setting, const std::string& requirement,
                         const WrittenValue& written, std::string_view origin) {
  fail_usage("{} must be {}. Received {}. ({})", setting.name, requirement, received(written),
             origin);
}

// A whole number that the type cannot hold is out of range, not mistyped.
template <class T>
std::string requirement_for(const Setting& setting, const std::string& item) {
  double wide = 0;
  const bool whole = from_text(plain_number(item), &wide) && wide == std::floor(wide);
  if constexpr (std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    const auto [low, high] = setting.range;
    const bool low_fits = low > static_cast<double>(Limits::min());
    const bool high_fits = high < static_cast<double>(Limits::max());
    if (whole) {
      return format("{}..{}", low_fits ? static_cast<T>(low) : Limits::min(),
                    high_fits ? static_cast<T>(high) : Limits::max());
    }
  }
  return noun<T>();
}

// One number, checked against the range.
template <class T>
T number_of(const Setting& setting, const std::string& item, const WrittenValue& written,
            std::string_view origin) {
  T value{};
  if (!parse(item, &value)) refuse(setting, requirement_for<T>(setting, item), written, origin);
  const auto wide = static_cast<double>(value);
  if (wide < setting.range.low || wide > setting.range.high) {
    refuse(setting, range_text(setting), written, origin);
  }
  return value;
}

template <class T>
void assign_to(T* target, const Setting& setting, const WrittenValue& written,
               std::string_view origin) {
  if (written.kind != WrittenValue::Kind::scalar) refuse(setting, noun<T>(), written, origin);
  if constexpr (std::is_same_v<T, bool>) {
    if (!parse(written.items[0], target)) refuse(setting, noun<T>(), written, origin);
  } else {
    *target = number_of<T>(setting, written.items[0], written, origin);
  }
}

void assign_to(std::string* target, const Setting& setting, const WrittenValue& written,
               std::string_view origin) {
  if (written.kind == WrittenValue::Kind::list) {
    refuse(setting, noun<std::string>(), written, origin);
  }
  *target = written.kind == WrittenValue::Kind::nothing ? "" : written.items[0];
  if (setting.is_path) *target = expand_home(*target);
}

template <class T>
void assign_to(std::vector<T>* target, const Setting& setting, const WrittenValue& written,
               std::string_view origin) {
  std::vector<T> values;
  for (const std::string& item : written.items) {
    T value{};
    if (!parse(item, &value)) refuse(setting, noun<std::vector<T>>(), written, origin);
    values.push_back(number_of<T>(setting, item, written, origin));
  }
  *target = std::move(values);
}

void choose(const Setting::Choice& choice, const Setting& setting, const WrittenValue& written,
            std::string_view origin) {
  // A choice may be named like one of the spellings of nothing: "none" among label sources.
  const bool nothing = written.kind == WrittenValue::Kind::nothing;
  const std::string text = nothing ? "none" : written.items.empty() ? "" : written.items[0];
  const auto found = std::find(choice.names.begin(), choice.names.end(), text);
  if (written.kind == WrittenValue::Kind::list || found == choice.names.end()) {
    refuse(setting, range_text(setting), written, origin);
  }
  choice.set(static_cast<size_t>(found - choice.names.begin()));
}

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>*> = true;

}  // namespace

bool means_nothing(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "None" || text == "none";
}

WrittenValue read_written_value(const Setting& setting, std::string_view text) {
  using Kind = WrittenValue::Kind;
  text = trim(text);
  if (means_nothing(text)) return {Kind::nothing, {}};
  const auto* target = std::get_if<Setting::Target>(&setting.value);
  const bool list = target && std::visit([](auto* p) { return is_list<decltype(p)>; }, *target);
  if (!list) return {Kind::scalar, {std::string(text)}};
  if (text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  return {Kind::list, split_at_commas(text)};
}

void assign(Setting& setting, const WrittenValue& written, std::string_view origin) {
  if (const auto* choice = std::get_if<Setting::Choice>(&setting.value)) {
    choose(*choice, setting, written, origin);
  } else {
    std::visit([&](auto* target) { assign_to(target, setting, written, origin); },
               std::get<Setting::Target>(setting.value));
  }
  setting.origin = origin;
}

}  // namespace nolabel
