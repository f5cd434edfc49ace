// The words of a command line, sorted into flags and arguments. The only user of CLI11.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "nolabel/config/schema.h"

namespace nolabel::cli {

struct ParsedWords {
  struct Flag {
    Schema* schema;
    std::string setting, value;
    std::string spelling;  // "--batch-size", for messages
  };
  bool help = false;
  std::vector<std::string> configs;      // --config_env first, then --config, in their order
  std::vector<std::string> assignments;  // --set
  std::vector<Flag> flags;
  std::vector<std::string> arguments;
};

// Every setting of `schemas` is a flag; with `takes_config`, so are --config and --set. An unknown
// flag throws Error(Fault::usage) with the nearest known one.
ParsedWords parse_words(const std::vector<std::string>& words, std::span<Schema* const> schemas,
                        bool takes_config);

}  // namespace nolabel::cli
