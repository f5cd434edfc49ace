// Schema::load_yaml: YAML with every mistake's line.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/config/schema.h"
#include "nolabel/config/unknown_setting.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

using Kind = WrittenValue::Kind;

std::string place(const std::filesystem::path& path, const YAML::Mark& mark) {
  return mark.is_null() ? path.string() : format("{}:{}", path.string(), mark.line + 1);
}

// yaml-cpp marks a quoted scalar with the tag "!": 'None' in quotes is a text.
bool is_nothing(const YAML::Node& node) {
  return node.IsNull() || (node.IsScalar() && node.Tag() != "!" && means_nothing(node.Scalar()));
}

class Reader {
 public:
  using Store = std::function<void(const std::string& name, const YAML::Node&, const std::string&)>;
  // `tolerable` names go to `tolerated` when they are met.
  Reader(const Schema& schema, const std::filesystem::path& path, Store store,
         const std::vector<std::string>& tolerable, std::vector<std::string>& tolerated)
      : schema_(schema),
        path_(path),
        store_(std::move(store)),
        tolerable_(tolerable),
        tolerated_(tolerated) {}

  // `prefix` is "" or ends with '.'.
  void read_map(const YAML::Node& map, const std::string& prefix) {
    for (const auto& entry : map) {
      const std::string where = place(path_, entry.first.Mark());
      if (!entry.first.IsScalar()) fail_usage("a key must be a name ({})", where);
      const std::string name = prefix + entry.first.Scalar();
      if (!seen_.insert(name).second) {
        fail_usage("{} must be given once. Received it twice. ({})", name, where);
      }
      read_entry(name, entry.second, where);
    }
  }

 private:
  void read_entry(const std::string& name, const YAML::Node& node, const std::string& where) {
    if (schema_.find(name)) return store_(name, node, where);
    if (is_group(name) && node.IsMap()) return read_map(node, name + ".");
    if (is_group(name) && is_nothing(node)) return;
    if (std::ranges::find(tolerable_, name) != tolerable_.end()) {
      return tolerated_.push_back(name);
    }
    fail_unknown_setting(schema_, name, where);
  }

  bool is_group(const std::string& name) const {
    for (const Setting& setting : schema_.settings()) {
      if (setting.name.starts_with(name + ".")) return true;
    }
    return false;
  }

  const Schema& schema_;
  const std::filesystem::path& path_;
  Store store_;
  const std::vector<std::string>& tolerable_;
  std::vector<std::string>& tolerated_;
  std::set<std::string> seen_;
};

WrittenValue written_value(const YAML::Node& node, const std::string& name,
                           const std::string& where) {
  if (is_nothing(node)) return {Kind::nothing, {}};
  if (node.IsScalar()) return {Kind::scalar, {node.Scalar()}};
  if (node.IsMap()) fail_usage("{} must be a single value. Received a group. ({})", name, where);
  WrittenValue list{Kind::list, {}};
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) fail_usage("{} must be a list of single values. ({})", name, where);
    list.items.push_back(item.Scalar());
  }
  return list;
}

std::vector<YAML::Node> parse_documents(const std::filesystem::path& path) {
  try {
    return YAML::LoadAll(read_file(path));
  } catch (const YAML::Exception& error) {
    fail_usage("not valid YAML: {} ({})", error.msg, place(path, error.mark));
  }
}

// The map of settings in the file; an empty one for an empty file.
YAML::Node read_map_of(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path) || std::filesystem::is_directory(path)) {
    fail_usage("a config must be an existing file. Received {}.", path.string());
  }
  const std::vector<YAML::Node> documents = parse_documents(path);
  if (documents.empty() || (documents.size() == 1 && documents[0].IsNull())) {
    return YAML::Node(YAML::NodeType::Map);
  }
  if (documents.size() > 1 || !documents[0].IsMap()) {
    fail_usage("a config must be one map of settings ({})", path.string());
  }
  return documents[0];
}

}  // namespace

std::optional<std::string> peek_yaml(const std::filesystem::path& path, const std::string& key) {
  const YAML::Node map = read_map_of(path);
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? std::optional(value.Scalar()) : std::nullopt;
}

void Schema::load_yaml(const std::filesystem::path& path) {
  const YAML::Node map = read_map_of(path);
  const auto store = [this](const std::string& name, const YAML::Node& node,
                            const std::string& where) {
    Setting& setting = settings_[static_cast<size_t>(find(name) - settings_.data())];
    assign(setting, written_value(node, name, where), where);
    setting.given = true;
  };
  Reader(*this, path, store, tolerable_, tolerated_).read_map(map, "");
}

void Schema::tolerate(const std::vector<std::string>& names) {
  tolerable_.insert(tolerable_.end(), names.begin(), names.end());
}

}  // namespace nolabel
