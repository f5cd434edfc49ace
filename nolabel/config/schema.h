// Settings: one declaration gives a setting its name, default, range, help text, YAML key and
// command-line flag.
//
// A folder that has settings keeps them in a plain struct and declares them once:
//
//   void declare(Schema& schema, TrainSettings& s) {
//     schema.add("epochs", &s.epochs, {.low = 1, .high = 100000}, "passes over the data");
//     schema.add("scheduler", &s.scheduler, {{"constant", Schedule::constant}, …}, "how lr moves");
//     auto group = schema.group("optimizer_kwargs");
//     schema.add("lr", &s.learning_rate, {.low = 0}, "learning rate");  // optimizer_kwargs.lr
//   }
//
// The value at declaration time is the default. Names are the published program's YAML keys where
// there is one. The structs must outlive the Schema. Mistakes throw Error(Fault::usage) with one
// line: what is required, what was received, where (file:line), and the nearest known name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace nolabel {

// Inclusive.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

// Whether a setting determines the result (and so belongs to an artifact's hash) or only how it is
// computed (threads, logging, time limit).
enum class Effect { result, none };

struct Setting {
  using Target = std::variant<bool*, int*, int64_t*, uint64_t*, float*, double*, std::string*,
                              std::vector<int>*, std::vector<float>*>;
  // For a closed choice: writes and reads the value by its name.
  struct Choice {
    std::vector<std::string> names;
    std::function<void(size_t)> set;
    std::function<size_t()> get;
  };
  std::string name;  // with its groups: "optimizer_kwargs.lr"
  std::variant<Target, Choice> value;
  Range range;
  std::string help;
  Effect effect = Effect::result;
  std::string default_text;        // as the user would write it
  std::string origin = "default";  // "configs/my.yml:12", "--epochs", "published" …
  bool given = false;              // by the user: in a file or with a flag
  bool is_path = false;            // Schema::path()
  // Its default under a config of the published program, where that differs.
  std::optional<std::string> published_text = {};
};

class Schema {
 public:
  void add(std::string name, Setting::Target target, Range range, std::string help,
           Effect effect = Effect::result);
  void add(std::string name, Setting::Target target, std::string help,
           Effect effect = Effect::result) {
    add(std::move(name), target, Range{}, std::move(help), effect);
  }
  template <class E>
  requires std::is_enum_v<E>
  void add(std::string name, E* target, std::vector<std::pair<std::string, E>> choices,
           std::string help, Effect effect = Effect::result);

  // Settings added while the returned guard lives are named "prefix.name".
  class Group {
   public:
    explicit Group(Schema* schema) : schema_(schema) {}
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group();

   private:
    Schema* schema_;
  };
  [[nodiscard]] Group group(std::string prefix);

  // What a range cannot say about a setting's value, alone or together with others: `check` throws
  // Error(Fault::usage). `name` is a setting of the present group; the error gets its origin.
  void rule(std::string name, std::function<void()> check);
  // Runs the rules, once all files and flags are read.
  void check() const;

  // Declares that a text setting of the present group is a path: a leading `~` is the home folder,
  // also in files and in --set, where no shell replaces it.
  void path(std::string_view name);

  // Keys that a file may hold although they mean nothing here, unless they are declared; groups
  // with all that is in them.
  void tolerate(const std::vector<std::string>& names);
  // Those that the files read so far did hold, and those that set_assignment() received.
  const std::vector<std::string>& tolerated() const { return tolerated_; }
  const std::vector<std::string>& tolerated_assignments() const { return tolerated_assignments_; }

  // Declares what the published program does where its configs leave this setting unset.
  void published(std::string_view name, std::string text);
  // Gives every setting that the user left alone its published default, with origin "published".
  void apply_published();

  // Reads a YAML file: nested maps are groups. Every unknown, mistyped or out-of-range key is an
  // error that names file and line.
  void load_yaml(const std::filesystem::path& path);
  // One "key=value", as --set and the command's own flags give it; `origin` is named in errors.
  void set(std::string_view name, std::string_view value, std::string_view origin);
  // "key=value" split at the first '='. A key that may stand in a file may also be given here.
  void set_assignment(std::string_view assignment, std::string_view origin);
  // A value that follows from something else than the user's word (the run's state, the data set):
  // is_set() stays false. Nothing happens when the user has given the setting.
  void suggest(std::string_view name, std::string_view value, std::string_view origin);

  const std::vector<Setting>& settings() const { return settings_; }
  const Setting* find(std::string_view name) const;
  // True when the user gave the value, in a file or with a flag.
  bool is_set(std::string_view name) const;
  // The current value as the user would write it.
  std::string text(const Setting& setting) const;

  // What its value must be: "1..100000", "one of sgd, adam"; empty when anything goes.
  std::string range(const Setting& setting) const;

  // Nested as YAML is; with only_results, without those of Effect::none.
  nlohmann::json values(bool only_results = false) const;
  // SHA-256 of values(true).
  std::string hash() const;
  // Name, default, help and range of each, aligned and wrapped: --help and docs. As flags, names
  // are written "--batch-size".
  enum class Names { settings, flags };
  std::string help_text(Names names = Names::settings) const;

 private:
  struct Rule {
    std::string name;
    std::function<void()> check;
  };
  std::string full_name(const std::string& name) const;
  void insert(Setting setting);
  Setting& known(std::string_view name, std::string_view origin);
  bool tolerates(std::string_view name) const;
  std::vector<Setting> settings_;
  std::vector<Rule> rules_;
  std::vector<std::string> prefixes_;
  std::vector<std::string> tolerable_, tolerated_, tolerated_assignments_;
};

template <class E>
requires std::is_enum_v<E>
void Schema::add(std::string name, E* target, std::vector<std::pair<std::string, E>> choices,
                 std::string help, Effect effect) {
  Setting::Choice choice;
  std::vector<E> values;
  for (auto& [text, value] : choices) {
    choice.names.push_back(text);
    values.push_back(value);
  }
  choice.set = [target, values](size_t i) { *target = values[i]; };
  choice.get = [target, values] {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] == *target) return i;
    }
    return values.size();
  };
  insert({.name = std::move(name),
          .value = std::move(choice),
          .range = {},
          .help = std::move(help),
          .effect = effect,
          .default_text = {}});
}

// The text of one key of a YAML file, or nothing; what else stands there is left to load_yaml().
// Throws Error(Fault::usage) when the file is no map of settings.
std::optional<std::string> peek_yaml(const std::filesystem::path& path, const std::string& key);

// "batch_size" -> "--batch-size", "model_kwargs.head" -> "--model-kwargs.head".
std::string flag_name(std::string_view setting);

// The known name nearest to `name` by edit distance, if it is near enough to be meant.
std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known);

}  // namespace nolabel
