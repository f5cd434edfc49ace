// What a command is given: its flags and settings, and where its results and progress go.
//
//   int run_views(CommandLine& line) {
//     ViewsOptions options;
//     line.argument("IMAGE", &options.image, "a picture in any format");
//     declare(line.options(), options);        // --recipe, --out …
//     if (!line.parse()) return 0;             // --help was asked for
//     …
//     line.print("…\n");
//     line.result({{"out", …}});               // --json
//     return 0;
//   }
//
// Every flag is generated from a Schema: a setting `a.batch_size` is --a.batch-size (underscores
// are accepted). options() are about this call; settings() are the stages', which also come from
// --config FILE and --set key=value. Files are read first, then --set, then the flags. --config_exp
// FILE is a config of the published program, which asks for its behaviour
// (SettingTables::published), and --config_env FILE says where data and results are: keys of
// SettingTables::places.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/frame/command.h"
#include "cli/frame/flags.h"
#include "cli/frame/terminal.h"
#include "cli/frame/time_limit.h"
#include "nolabel/base/cancel.h"
#include "nolabel/config/tables.h"
#include "nolabel/record/observer.h"

namespace nolabel::cli {

// A positional argument; values go to the first that still wants one.
struct Argument {
  std::string name;  // "FOLDER"
  size_t at_least, at_most;
  std::string help;
  std::function<void(std::vector<std::string>)> store;
};

class CommandLine {
 public:
  CommandLine(const Command& command, std::vector<std::string> words, CancelToken cancel);

  ~CommandLine();

  // Before parse(): what the command takes.
  void argument(std::string name, std::string* value, std::string help);  // one, required
  void arguments(std::string name, std::vector<std::string>* values, size_t at_least,
                 size_t at_most, std::string help);
  // A flag that may be given several times.
  void repeatable(std::string name, std::vector<std::string>* values, std::string help);
  // What a library call declares its request in, and is called with.
  SettingTables& tables() { return tables_; }
  Schema& options() { return tables_.options; }
  Schema& settings() { return tables_.settings; }
  const Schema& options() const { return tables_.options; }
  const Schema& settings() const { return tables_.settings; }

  // Reads the words. False when --help was asked for (and printed): the command then returns 0.
  // Throws Error(Fault::usage).
  [[nodiscard]] bool parse();

  // The command with its words: "scan --out run".
  std::string text() const;
  const CancelToken& cancel() const { return cancel_; }

  // After parse(): progress, messages and cancellation for library calls.
  Observer observer();
  // Whether --json - takes stdout.
  bool json_on_stdout() const { return common_values_.json == "-"; }
  // For people, on stdout; nothing when the JSON result goes there.
  void print(std::string_view text) const;
  // For programs: the command's result, to where --json says.
  void result(const nlohmann::json& result) const;
  // The whole help page.
  std::string help() const;

 private:
  struct Common {
    bool quiet = false;
    std::string json;
    std::string time_limit;
  };

  void store_arguments(std::vector<std::string> words);

  const Command& command_;
  std::vector<std::string> words_;
  CancelToken cancel_;
  std::vector<Argument> arguments_;
  Common common_values_;
  SettingTables tables_;
  Schema common_;
  std::vector<RepeatableFlag> repeatables_;
  std::unique_ptr<Terminal> terminal_;
  std::unique_ptr<TimeLimit> time_limit_;
};

}  // namespace nolabel::cli
