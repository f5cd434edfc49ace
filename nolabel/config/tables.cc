#include "nolabel/config/tables.h"

namespace nolabel {

void SettingTables::settle() {
  if (published) settings.apply_published();
  for (const Schema* schema : {&options, &settings, &places}) schema->check();
}

}  // namespace nolabel
