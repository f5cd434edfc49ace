#include "nolabel/run/artifact.h"

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/version.h"
#include "nolabel/model/device.h"
#include "nolabel/run/what_changed.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr int sidecar_format = 1;

// Null when there is none.
nlohmann::json read_sidecar(const fs::path& file) {
  const fs::path sidecar = sidecar_of(file);
  if (!fs::exists(sidecar)) return nullptr;
  nlohmann::json found = nlohmann::json::parse(read_file(sidecar), nullptr, false);
  if (!found.is_object()) fail_data("{} must be a JSON object. It is not.", sidecar.string());
  return found;
}

}  // namespace

fs::path sidecar_of(const fs::path& file) {
  return fs::path(file) += ".json";
}

nlohmann::json Provenance::json() const {
  return {{"format", sidecar_format}, {"stage", stage}, {"settings", settings}, {"data", data},
          {"inputs", inputs},         {"seed", seed}};
}

std::string Provenance::hash() const {
  return sha256(json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool is_current(const fs::path& file, const Provenance& provenance) {
  if (!fs::exists(file)) return false;
  const nlohmann::json found = read_sidecar(file);
  return found.is_object() && found.contains("hash") && found["hash"] == provenance.hash();
}

ArtifactState artifact_state(const fs::path& file, const Provenance& provenance,
                             const Environment& environment) {
  if (!fs::exists(file)) return ArtifactState::missing;
  if (environment.force) return ArtifactState::missing;
  const nlohmann::json found = read_sidecar(file);
  if (found.is_null()) {
    environment.observer.note(
        format("{} was made by another program; nolabel uses the file unchanged", file.string()));
    return ArtifactState::adopted;
  }
  if (is_current(file, provenance)) return ArtifactState::current;
  fail_made_differently(file, provenance, environment);
}

void fail_made_differently(const fs::path& file, const Provenance& provenance,
                           const Environment& environment) {
  const nlohmann::json found = read_sidecar(file);
  const nlohmann::json none = nlohmann::json::object();
  fail_usage(
      "nolabel does not reuse {}, because this file was made differently: {}. Use --force to make "
      "the file again, or use another --out.",
      file.string(),
      what_changed({found.value("made_from", none), found.value("names", none)},
                   {provenance.json(), provenance.names}, environment.data_change));
}

void write_sidecar(const fs::path& file, const Provenance& provenance,
                   const Environment& environment, double seconds, const nlohmann::json& measured) {
  nlohmann::json sidecar = {{"hash", provenance.hash()},
                            {"made_from", provenance.json()},
                            {"made_with",
                             {{"nolabel", version},
                              {"threads", environment.threads},
                              {"device", environment.device.str()},
                              {"precision", precision_name(environment.precision)},
                              {"seconds", seconds}}}};
  if (!provenance.names.empty()) sidecar["names"] = provenance.names;
  sidecar["made_with"].update(measured);
  write_file(sidecar_of(file),
             sidecar.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

nlohmann::json sidecar_made_with(const fs::path& file) {
  const nlohmann::json found = read_sidecar(file);
  return found.is_object() ? found.value("made_with", nlohmann::json()) : nlohmann::json();
}

std::optional<double> sidecar_measured(const fs::path& file, const char* name) {
  const nlohmann::json made_with = sidecar_made_with(file);
  if (!made_with.is_object() || !made_with.contains(name)) return std::nullopt;
  if (!made_with[name].is_number()) return std::nullopt;
  return made_with[name].get<double>();
}

nlohmann::json sidecar_provenance(const fs::path& file) {
  const nlohmann::json found = read_sidecar(file);
  return found.is_object() ? found.value("made_from", nlohmann::json()) : nlohmann::json();
}

bool is_of_data(const fs::path& file, const std::string& fingerprint,
                std::optional<RunSplit> split) {
  const nlohmann::json made_from = sidecar_provenance(file);
  if (!made_from.is_object()) return true;
  const std::string data = made_from.value("data", fingerprint);
  return data == fingerprint || (split == RunSplit::train && data.starts_with(fingerprint + "+")) ||
         (split == RunSplit::validation && data.ends_with("+" + fingerprint));
}

nlohmann::json sidecar_settings(const fs::path& file) {
  const nlohmann::json made_from = sidecar_provenance(file);
  return made_from.is_object() ? made_from.value("settings", nlohmann::json()) : nlohmann::json();
}

}  // namespace nolabel
