// nolabel backbone list|get|verify: backbones that other people have published.
#include "nolabel/pipeline/backbone_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

using nlohmann::json;

struct BackboneOptions {
  std::string action;
  BackboneRequest request;
};

json listed_json(const ListedBackbone& listed) {
  const PublishedBackbone& backbone = *listed.published;
  return {{"name", backbone.name},
          {"summary", backbone.summary},
          {"url", backbone.url},
          {"bytes", backbone.bytes > 0 ? json(backbone.bytes) : json()},
          {"megabytes", backbone.megabytes > 0 ? json(backbone.megabytes) : json()},
          {"sha256", backbone.sha256},
          {"licence", backbone.licence},
          {"images", backbone.images},
          {"labels", backbone.labels},
          {"file", listed.found ? json(listed.found->file.string()) : json()}};
}

void list_published(CommandLine& line, const BackboneOptions&) {
  json backbones = json::array();
  line.print(format("{:<20} {:<31} {:>6}  {:<13} {:<9} {}\n", "name", "network", "MB", "licence",
                    "labels", "on this machine"));
  for (const ListedBackbone& listed : list_backbones()) {
    const PublishedBackbone& backbone = *listed.published;
    const std::string size = backbone.megabytes > 0 ? format("{}", backbone.megabytes) : "?";
    line.print(format("{:<20} {:<31} {:>6}  {:<13} {:<9} {}\n", backbone.name, backbone.summary,
                      size, backbone.licence, backbone.labels,
                      listed.found ? listed.found->file.string() : "-"));
    backbones.push_back(listed_json(listed));
  }
  line.print(
      "\nlabels: what took part in the training: class labels of ImageNet, captions of the images, "
      "or none.\nThe backbones that come with nolabel are `photos` (EfficientNet-Lite0, trained "
      "with "
      "ImageNet's labels) and `starter`.\n");
  line.result({{"backbones", backbones}});
}

void get_published(CommandLine& line, const BackboneOptions& options) {
  json files = json::array();
  for (const GotBackbone& got : get_backbones(options.request, line.observer())) {
    line.print(format("{}: {}\n", got.name, got.file.string()));
    files.push_back({{"name", got.name}, {"file", got.file.string()}});
  }
  line.result({{"files", files}});
}

void verify_published(CommandLine& line, const BackboneOptions& options) {
  const auto print = [&](const BackboneVerdict& verdict) {
    const bool is_good = verdict.problem.empty();
    line.print(format("{:<22} {:<6} {}\n", verdict.name, is_good ? "ok" : "WRONG",
                      is_good ? verdict.network : verdict.problem));
  };
  json results = json::array();
  std::string wrong;
  for (const BackboneVerdict& verdict : verify_backbones(options.request, line.observer(), print)) {
    results.push_back({{"name", verdict.name},
                       {"file", verdict.file.string()},
                       {"network", verdict.network},
                       {"passed", verdict.problem.empty()},
                       {"problem", verdict.problem}});
    if (!verdict.problem.empty()) wrong += (wrong.empty() ? "" : ", ") + verdict.name;
  }
  if (results.empty()) {
    line.print(
        "no published backbone is on this machine; `nolabel backbone get NAME` fetches one\n");
  }
  line.result({{"backbones", results}});
  if (!wrong.empty()) fail_data("every backbone must be the published one. Wrong: {}.", wrong);
}

void check_backbone_words(const Schema& schema, const BackboneOptions& options) {
  if (options.action != "list" && options.action != "get" && options.action != "verify") {
    fail_usage("ACTION must be list, get or verify. Received {}.", options.action);
  }
  if (options.action == "list" && !options.request.names.empty()) {
    fail_usage("backbone list takes no NAME. Received {}.", options.request.names.front());
  }
  if (options.action == "get" && options.request.names.empty()) {
    fail_usage("backbone get requires a NAME; `nolabel backbone list` shows them.");
  }
  if (options.action != "get" && schema.is_set("mirror")) {
    fail_usage("--mirror means nothing to backbone {}.", options.action);
  }
}

}  // namespace

int run_backbone(CommandLine& line) {
  BackboneOptions options;
  line.argument("ACTION", &options.action, "list, get or verify");
  line.arguments("NAME", &options.request.names, 0, 1000,
                 "backbones, as `nolabel backbone list` names them; verify: unset: all that are on "
                 "this machine");
  declare(line.options(), options.request);
  if (!line.parse()) return 0;
  check_backbone_words(line.options(), options);
  const auto action = options.action == "list"  ? list_published
                      : options.action == "get" ? get_published
                                                : verify_published;
  action(line, options);
  return 0;
}

}  // namespace nolabel::cli
