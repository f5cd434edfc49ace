#include "nolabel/edits/json_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "nolabel/base/path_text.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr size_t deepest = 16;         // lists and objects in one another; the files have 6
constexpr size_t longest_shown = 100;  // bytes

std::string shortened(std::string text) {
  if (text.size() <= longest_shown) return text;
  const auto continues = [&](size_t i) { return (static_cast<unsigned char>(text[i]) >> 6) == 2; };
  size_t end = longest_shown;
  while (end > 0 && continues(end)) --end;  // no character is cut
  return text.substr(0, end) + " …";
}

bool is_control(std::string_view text, size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
  // U+0080 to U+009F are two bytes in UTF-8.
  return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
}

// Reads a text without keeping it. The parser's callback, which could do this while it keeps the
// values, takes time that grows with the square of a list's length: for a million moves more than
// nine minutes instead of one second.
class StrictReading final : public nlohmann::json_sax<json> {
 public:
  StrictReading(const JsonFile& file, Fault fault) : file_(file), fault_(fault) {}

  bool start_object(size_t) override { return begin(); }
  bool start_array(size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(std::string& key) override {
    if (!keys_.back().insert(key).second) {
      file_.refuse("each key of an object once", shown_text(key) + " twice");
    }
    return true;
  }
  bool parse_error(size_t byte, const std::string&, const json::exception& error) override {
    constexpr int out_of_range = 406;
    const bool too_large = error.id == out_of_range;
    throw Error(fault_, format("{} must be JSON. {} at byte {}.", file_.name(),
                               too_large ? "It has too large a number" : "It is not", byte));
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(int64_t) override { return true; }
  bool number_unsigned(uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }

 private:
  bool begin() {
    if (keys_.size() == deepest) {
      file_.refuse(format("at most {} levels of lists and objects", deepest), "more levels");
    }
    keys_.emplace_back();
    return true;
  }
  bool end() {
    keys_.pop_back();
    return true;
  }

  const JsonFile& file_;
  Fault fault_;
  std::vector<std::set<std::string>> keys_;  // of the objects around; a list has none
};

}  // namespace

std::string shown_text(std::string_view text) {
  if (!is_utf8(text)) return shortened(path_to_json(std::string(text)));
  std::string shown;
  for (size_t i = 0; i < text.size() && shown.size() <= longest_shown; ++i) {
    if (is_control(text, i)) {
      shown += format("\\x{:02x}", static_cast<unsigned char>(text[i]));
      if (static_cast<unsigned char>(text[i]) == 0xc2) {
        shown += format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
      }
    } else {
      shown += text[i];
    }
  }
  return shortened(shown);
}

bool has_control_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_control(text, i)) return true;
  }
  return false;
}

json JsonFile::parse(std::string_view text) const {
  StrictReading check(*this, fault_);
  json::sax_parse(text, &check);
  return json::parse(text);
}

void JsonFile::refuse(std::string_view required, std::string_view received) const {
  throw Error(fault_, format("{} must have {}. Received {}.", name(), required, received));
}

void JsonFile::require(bool valid, std::string_view required, const json& received) const {
  if (valid) return;
  refuse(required, shown_text(received.dump(-1, ' ', false, json::error_handler_t::replace)));
}

const json& JsonFile::list(const json& value, std::string_view required) const {
  require(value.is_array(), required, value);
  return value;
}

std::string JsonFile::text(const json& value, std::string_view required) const {
  require(value.is_string(), required, value);
  return value.get<std::string>();
}

int JsonFile::number(const json& value, int low, int high, std::string_view required) const {
  require(value.is_number_integer(), required, value);
  const bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT32_MAX};
  require(fits && value.get<int64_t>() >= low && value.get<int64_t>() <= high, required, value);
  return value.get<int>();
}

std::string JsonFile::path(const json& value, std::string_view required) const {
  const std::string stands = text(value, required);
  require(!stands.empty(), required, value);
  try {
    return path_from_json(stands).native();
  } catch (const Error&) {
    refuse(required, shown_text(stands));
  }
}

const json& JsonFile::object(const json& value, std::initializer_list<std::string_view> keys,
                             Keys which, std::string_view required) const {
  require(value.is_object(), required, value);
  for (const auto& [key, ignored] : value.items()) {
    if (std::ranges::find(keys, key) == keys.end()) refuse(required, "the key " + shown_text(key));
  }
  require(which == Keys::some || value.size() == keys.size(), required, value);
  return value;
}

}  // namespace nolabel
