// A JSON file that is read strictly: whatever could be understood in two ways is an error. Every
// message is "<file> must have <what is required>. Received <value>."
#pragma once

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "nolabel/base/error.h"

namespace nolabel {

// For messages, on one line and not long: control characters and bytes outside UTF-8 are escaped.
std::string shown_text(std::string_view text);

// ASCII's and Unicode's control characters. A line break is one of them.
bool has_control_characters(std::string_view text);

class JsonFile {
 public:
  // fault: of every error; whoever wrote the file made the mistake.
  JsonFile(std::filesystem::path path, Fault fault) : path_(std::move(path)), fault_(fault) {}
  std::string name() const { return path_.string(); }

  // Refuses what is not JSON, an object that has a key twice (the value would depend on the
  // reader), and values that are nested deeper than any file of this layer.
  nlohmann::json parse(std::string_view text) const;

  [[noreturn]] void refuse(std::string_view required, std::string_view received) const;
  void require(bool valid, std::string_view required, const nlohmann::json& received) const;

  // The value as what is required, or an error.
  const nlohmann::json& list(const nlohmann::json& value, std::string_view required) const;
  std::string text(const nlohmann::json& value, std::string_view required) const;
  int number(const nlohmann::json& value, int low, int high, std::string_view required) const;
  // The bytes of a path that stands in JSON as base/path_text.h has it.
  std::string path(const nlohmann::json& value, std::string_view required) const;
  // An object with these keys; with all of them, or with some.
  enum class Keys { all, some };
  const nlohmann::json& object(const nlohmann::json& value,
                               std::initializer_list<std::string_view> keys, Keys which,
                               std::string_view required) const;

 private:
  std::filesystem::path path_;
  Fault fault_;
};

}  // namespace nolabel
