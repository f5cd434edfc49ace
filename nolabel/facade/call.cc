#include "nolabel/facade/call.h"

#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

namespace nolabel {
namespace {

// LibTorch's allocators throw exceptions of its own, not std::bad_alloc.
bool means_no_memory(std::string_view message) {
  return message.find("DefaultCPUAllocator") != message.npos ||
         message.find("out of memory") != message.npos;
}

// LibTorch appends a stack trace.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

void facade_call(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(Fault::system, "out of memory");
  } catch (const std::system_error& error) {  // files and threads
    throw Error(Fault::system, error.what());
  } catch (const std::exception& error) {
    if (means_no_memory(error.what())) throw Error(Fault::system, "out of memory");
    throw Error(Fault::internal, first_line(error.what()));
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
  if (seed) schema.set("seed", std::to_string(*seed), "seed");
}

void fill_option(SettingTables& tables, const char* name, const std::filesystem::path& value) {
  if (value.empty()) return;
  Schema& schema = tables.options.find(name) ? tables.options : tables.settings;
  schema.set(name, value.string(), name);
}

std::vector<std::string> texts(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> all;
  for (const std::filesystem::path& path : paths) all.push_back(path.string());
  return all;
}

}  // namespace nolabel
