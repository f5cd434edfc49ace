#include "nolabel/config/schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/config/unknown_setting.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

// "a.b.c" as a pointer into nested objects.
nlohmann::json::json_pointer path_of(const std::string& name) {
  std::string path = "/" + name;
  std::replace(path.begin(), path.end(), '.', '/');
  return nlohmann::json::json_pointer(path);
}

}  // namespace

Schema::Group Schema::group(std::string prefix) {
  prefixes_.push_back(std::move(prefix));
  return Group(this);
}

Schema::Group::~Group() {
  schema_->prefixes_.pop_back();
}

void Schema::add(std::string name, Setting::Target target, Range range, std::string help,
                 Effect effect) {
  insert({.name = std::move(name),
          .value = target,
          .range = range,
          .help = std::move(help),
          .effect = effect,
          .default_text = {}});
}

std::string Schema::full_name(const std::string& name) const {
  std::string full;
  for (const std::string& prefix : prefixes_) full += prefix + ".";
  return full + name;
}

void Schema::rule(std::string name, std::function<void()> check) {
  name = full_name(name);
  NOLABEL_ASSERT(find(name) != nullptr);
  rules_.push_back({std::move(name), std::move(check)});
}

void Schema::check() const {
  for (const Rule& rule : rules_) {
    try {
      rule.check();
    } catch (const Error& error) {
      if (error.fault() != Fault::usage || !is_set(rule.name)) throw;
      fail_usage("{} ({})", error.what(), find(rule.name)->origin);
    }
  }
}

void Schema::insert(Setting setting) {
  setting.name = full_name(setting.name);
  for (const Setting& other : settings_) {
    // A name is a value or a group, and declared once.
    NOLABEL_ASSERT(other.name != setting.name);
    NOLABEL_ASSERT(!other.name.starts_with(setting.name + "."));
    NOLABEL_ASSERT(!setting.name.starts_with(other.name + "."));
  }
  setting.default_text = value_text(setting);
  settings_.push_back(std::move(setting));
}

const Setting* Schema::find(std::string_view name) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

bool Schema::is_set(std::string_view name) const {
  const Setting* setting = find(name);
  NOLABEL_ASSERT(setting != nullptr);
  return setting->given;
}

Setting& Schema::known(std::string_view name, std::string_view origin) {
  const Setting* setting = find(name);
  if (!setting) fail_unknown_setting(*this, name, origin);
  return settings_[static_cast<size_t>(setting - settings_.data())];
}

void Schema::set(std::string_view name, std::string_view value, std::string_view origin) {
  Setting& setting = known(name, origin);
  assign(setting, read_written_value(setting, value), origin);
  setting.given = true;
}

void Schema::suggest(std::string_view name, std::string_view value, std::string_view origin) {
  Setting& setting = known(name, origin);
  if (!setting.given) assign(setting, read_written_value(setting, value), origin);
}

void Schema::published(std::string_view name, std::string text) {
  known(full_name(std::string(name)), "declaration").published_text = std::move(text);
}

void Schema::path(std::string_view name) {
  known(full_name(std::string(name)), "declaration").is_path = true;
}

void Schema::apply_published() {
  for (const Setting& setting : settings_) {
    if (setting.published_text) suggest(setting.name, *setting.published_text, "published");
  }
}

bool Schema::tolerates(std::string_view name) const {
  return std::ranges::any_of(tolerable_, [name](const std::string& tolerable) {
    return name == tolerable || name.starts_with(tolerable + ".");
  });
}

void Schema::set_assignment(std::string_view assignment, std::string_view origin) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail_usage("{} must be key=value. Received {}.", origin, in_quotes(assignment));
  }
  const std::string_view name = assignment.substr(0, equals);
  if (!find(name) && tolerates(name)) {
    tolerated_assignments_.emplace_back(name);
    return;
  }
  set(name, assignment.substr(equals + 1), origin);
}

std::string Schema::text(const Setting& setting) const {
  return value_text(setting);
}

std::string Schema::range(const Setting& setting) const {
  return range_text(setting);
}

nlohmann::json Schema::values(bool only_results) const {
  nlohmann::json values = nlohmann::json::object();
  for (const Setting& setting : settings_) {
    if (only_results && setting.effect == Effect::none) continue;
    values[path_of(setting.name)] = value_json(setting);
  }
  return values;
}

// nlohmann::json orders keys by name and prints the shortest decimal of a double, so the text
// depends on the values alone. A path need not be UTF-8; dump() would refuse it.
std::string Schema::hash() const {
  constexpr auto lenient = nlohmann::json::error_handler_t::replace;
  return sha256(values(true).dump(-1, ' ', false, lenient));
}

}  // namespace nolabel
