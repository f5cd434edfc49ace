#include "nolabel/declarations.h"

#include <algorithm>
#include <iterator>

#include "nolabel/base/version.h"
#include "nolabel/facade/call.h"
#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/embed_call.h"
#include "nolabel/pipeline/eval_call.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/moco_call.h"
#include "nolabel/pipeline/predict_call.h"
#include "nolabel/pipeline/report_call.h"
#include "nolabel/pipeline/scan_call.h"
#include "nolabel/pipeline/simclr_call.h"
#include "nolabel/pipeline/update_call.h"

namespace nolabel {
namespace {

// The tables of a call, and what the declarations point into.
struct DeclaredTables {
  SettingTables tables;
  std::shared_ptr<void> request;
};

template <class Request>
std::unique_ptr<DeclaredTables> tables_of() {
  auto declared = std::make_unique<DeclaredTables>();
  const auto request = std::make_shared<Request>();
  declared->request = request;
  declare(declared->tables, *request);
  return declared;
}

struct DeclaredCall {
  const char* name;
  std::unique_ptr<DeclaredTables> (*tables)();
};
constexpr DeclaredCall calls[] = {
    {"cluster", tables_of<ClusterRequest>},     {"update", tables_of<UpdateRequest>},
    {"simclr", tables_of<SimclrRequest>},       {"moco", tables_of<MocoRequest>},
    {"mine", tables_of<MineRequest>},           {"scan", tables_of<ScanRequest>},
    {"selflabel", tables_of<SelflabelRequest>}, {"evaluate", tables_of<EvalRequest>},
    {"predict", tables_of<PredictRequest>},     {"report", tables_of<ReportRequest>},
    {"embed", tables_of<EmbedRequest>},
};

Declaration::Type type_of(const Setting& setting) {
  using enum Declaration::Type;
  if (std::holds_alternative<Setting::Choice>(setting.value)) return choice;
  const auto& target = std::get<Setting::Target>(setting.value);
  if (std::holds_alternative<bool*>(target)) return boolean;
  if (std::holds_alternative<float*>(target) || std::holds_alternative<double*>(target)) {
    return number;
  }
  if (std::holds_alternative<std::string*>(target)) return setting.is_path ? path : text;
  if (std::holds_alternative<std::vector<int>*>(target)) return integers;
  if (std::holds_alternative<std::vector<float>*>(target)) return numbers;
  return integer;
}

void append(std::vector<Declaration>& declarations, const Schema& schema) {
  for (const Setting& setting : schema.settings()) {
    Declaration declaration{.name = setting.name,
                            .type = type_of(setting),
                            .default_text = setting.default_text,
                            .help = setting.help,
                            .range = schema.range(setting),
                            .choices = {},
                            .changes_result = setting.effect == Effect::result};
    if (const auto* choice = std::get_if<Setting::Choice>(&setting.value)) {
      declaration.choices = choice->names;
    }
    declarations.push_back(std::move(declaration));
  }
}

}  // namespace

std::vector<std::string> declared_calls() {
  std::vector<std::string> names;
  for (const DeclaredCall& call : calls) names.emplace_back(call.name);
  return names;
}

std::vector<Declaration> declarations(const std::string& call) {
  std::vector<Declaration> result;
  facade_call([&] {
    const auto found = std::ranges::find(calls, call, &DeclaredCall::name);
    if (found == std::end(calls)) fail_usage("there is no call {}.", call);
    const std::unique_ptr<DeclaredTables> declared = found->tables();
    append(result, declared->tables.options);
    append(result, declared->tables.settings);
  });
  return result;
}

std::string library_version() {
  return version;
}

}  // namespace nolabel
