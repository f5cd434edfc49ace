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
  std::vector<std::string> environments;  // --config_env
  std::vector<std::string> experiments;   // --config_exp
  std::vector<std::string> configs;       // --config
  std::vector<std::string> assignments;   // --set
  std::vector<Flag> flags;
  std::vector<std::string> arguments;
};

// A flag whose values all count.
struct RepeatableFlag {
  std::string name;  // "set"
  std::string help;
  std::vector<std::string>* values;
};

// Every setting of `schemas` is a flag, of the first schema that has its name; with `takes_config`,
// so are --config, --config_exp, --config_env and --set. An unknown flag throws Error(Fault::usage)
// with the nearest known one.
ParsedWords parse_words(const std::vector<std::string>& words, std::span<Schema* const> schemas,
                        std::span<const RepeatableFlag> repeatables, bool takes_config);

}  // namespace nolabel::cli
