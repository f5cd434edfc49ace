#include "nolabel/facade/call.h"

#include <exception>
#include <mutex>
#include <string>

namespace nolabel {

void facade_call(const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& exception) {
    throw as_error(exception);
  }
}

Observer one_at_a_time(const Observer& observer) {
  const auto turn = std::make_shared<std::mutex>();
  Observer serial;
  serial.cancel = observer.cancel;
  if (observer.log) {
    serial.log = [turn, log = observer.log](Severity severity, const std::string& text) {
      const std::lock_guard lock(*turn);
      log(severity, text);
    };
  }
  if (observer.progress) {
    serial.progress = [turn, tell = observer.progress](const Progress& progress) {
      const std::lock_guard lock(*turn);
      tell(progress);
    };
  }
  return serial;
}

void fill_settings(SettingTables& tables, const Settings& settings, const Compute& compute,
                   const std::optional<uint64_t>& seed) {
  constexpr const char* origin = "settings";
  for (const auto& [name, value] : settings) {
    Schema& schema = tables.options.find(name) ? tables.options : tables.settings;
    schema.set(name, value, origin);
  }
  Schema& schema = tables.settings.find("device") ? tables.settings : tables.options;
  if (compute.device != "auto") schema.set("device", compute.device, "compute.device");
  if (compute.precision != "auto") schema.set("precision", compute.precision, "compute.precision");
  if (compute.threads != 0) {
    schema.set("threads", std::to_string(compute.threads), "compute.threads");
  }
  if (compute.run_program) {
    if (!tables.options.find("run_program")) {
      fail_usage("compute.run_program must be false here, because a program is never trained.");
    }
    tables.options.set("run_program", "true", "compute.run_program");
  }
  if (seed) schema.set("seed", std::to_string(*seed), "seed");
}

void fill_option(SettingTables& tables, const char* name, const std::filesystem::path& value) {
  if (value.empty()) return;
  Schema& schema = tables.options.find(name) ? tables.options : tables.settings;
  schema.set(name, value.string(), name);
}

void fill_number(SettingTables& tables, const char* name, int value) {
  if (value != 0) fill_option(tables, name, std::to_string(value));
}

void fill_flag(SettingTables& tables, const char* name, bool value) {
  if (value) fill_option(tables, name, "true");
}

std::vector<std::string> texts(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> all;
  for (const std::filesystem::path& path : paths) all.push_back(path.string());
  return all;
}

}  // namespace nolabel
