// The declarations of all settings, group by group, for reading.
#pragma once

#include <string>
#include <vector>

#include "nolabel/config/schema.h"

namespace nolabel {

// "data", "simclr", "network", "moco", "mine", "scan", "selflabel".
std::vector<std::string> declared_groups();

// A setting as its declaration has it. A further group of settings inside it is one row. Defaults
// that depend on the size of the views are those for 32 pixels.
struct DeclaredSetting {
  std::string name, default_text, help, range;
  bool changes_result = false;
};
struct DeclaredSettings {
  std::string name, about;  // the group, and what it is for, in words for people
  std::vector<DeclaredSetting> settings;
  std::string help_text;  // all of them, as --help shows them
};
// Throws Error(Fault::usage), with the nearest name, when there is no such group.
DeclaredSettings declared_settings(const std::string& name);

}  // namespace nolabel
