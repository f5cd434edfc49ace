// JSON as text, whatever bytes the texts in it hold: file names need not be UTF-8.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace nolabel {

// As value.dump(indent) writes it, where every text and key that is not UTF-8 is escaped as
// base/path_text.h escapes paths, so that two different ones stay different.
std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace nolabel
