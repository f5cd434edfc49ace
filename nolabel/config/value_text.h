// Between a setting's value and its text, in YAML and on the command line. Private to config.
//
// Numbers may be written in any form people use in YAML (100, 100., 1e-4, 1_000); what counts is
// the value, so 1e3 is a whole number and 1.5 is not.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/config/schema.h"

namespace nolabel {

// A value as somebody wrote it.
struct WrittenValue {
  enum class Kind { nothing, scalar, list };  // nothing: null, ~, None
  Kind kind = Kind::scalar;
  std::vector<std::string> items;  // one for a scalar
};

// As --set and flags give it: "[1, 2]" and "1,2" are lists for a setting that is one.
WrittenValue read_written_value(const Setting& setting, std::string_view text);

// True for the spellings of no value: null, ~, None, none and the empty text.
bool means_nothing(std::string_view text);

// Checks and stores the value; throws Error(Fault::usage) naming the setting and `origin`.
void assign(Setting& setting, const WrittenValue& written, std::string_view origin);

// The current value as one would write it, and as JSON.
std::string value_text(const Setting& setting);
nlohmann::json value_json(const Setting& setting);

// What the value must be, as in "epochs must be …": "1..100000", "one of sgd, adam".
std::string range_text(const Setting& setting);

// `text` made fit for an error line: quoted, in one line, of bounded length.
std::string in_quotes(std::string_view text);

}  // namespace nolabel
