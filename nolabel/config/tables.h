// The settings of one piece of work, as a user knows them: from flags, YAML files and --set. The
// same tables serve the program, which fills them from the command line, and other programs, which
// set values by name.
#pragma once

#include "nolabel/config/schema.h"

namespace nolabel {

struct SettingTables {
  Schema options;   // about this call; flags only
  Schema settings;  // of the stages; also from --config FILE, --config_exp FILE and --set key=value
  Schema places;    // where things are on this machine; from --config_env FILE
  // A config of the published program was given (--config_exp). Its behaviour is kept: settings
  // that the user left alone have their published defaults.
  bool published = false;

  SettingTables() = default;
  // The tables point into the values that were declared.
  SettingTables(const SettingTables&) = delete;
  SettingTables& operator=(const SettingTables&) = delete;

  // Once every value is there: gives unset settings their published defaults if published, and runs
  // the rules of all tables. Throws Error(Fault::usage).
  void settle();
};

}  // namespace nolabel
