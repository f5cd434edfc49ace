#include "nolabel/zoo/table.h"

#include <algorithm>

#include "nolabel/base/format.h"
#include "nolabel/zoo/get.h"

namespace nolabel {
namespace {

using nlohmann::json;

// In percent; a dash for what is not finite (null).
std::string percent(const json& value) {
  return value.is_number() ? format("{:.1f}", value.get<double>() * 100) : "-";
}

std::string megabytes(int64_t bytes) {
  return format(bytes < 100'000 ? "{:.2f}" : "{:.1f}", static_cast<double>(bytes) / 1e6);
}

// What an entry takes in the repository.
int64_t stored_bytes(const ZooEntry& entry) {
  return entry.head ? entry.head->file.bytes : entry.file.bytes;
}

// "50.1 ± 0.3 (5 seeds)" per figure, or a dash.
std::string repeats_text(const ZooEntry& entry) {
  if (!entry.repeats) return "–";
  std::string text;
  for (const ZooSpread& spread : entry.repeats->spreads) {
    text += format("{}{:.1f} ± {:.1f}", text.empty() ? "" : " / ", spread.mean * 100,
                   spread.deviation * 100);
  }
  return text + format(" ({} seeds)", entry.repeats->seeds);
}

std::string section(const ZooEntry& entry) {
  const ZooOrigin& origin = entry.origin;
  std::string text = format("\n### {}\n\n{}\n\n```\n", entry.name, entry.summary);
  for (const std::string& command : origin.commands) text += command + "\n";
  text += "```\n\n";
  text += format("- Trained on {}. {} {}\n", origin.trained_on, origin.source, origin.terms);
  text += format("- Seed {}; nolabel {}.\n", origin.seed, origin.program);
  if (!origin.notes.empty()) text += format("- {}\n", origin.notes);
  if (entry.head) {
    text +=
        format("- Stored as its heads alone, `{}`; `get` joins them with the backbone of `{}`.\n",
               entry.head->file.name, entry.head->on);
  }
  text += format("- `{}`: {} bytes, SHA-256 `{}`, licence {}.\n", entry.file.name, entry.file.bytes,
                 entry.file.sha256, origin.licence);
  return text;
}

}  // namespace

std::string network_text(const json& network) {
  std::string text = network.at("backbone").get<std::string>();
  if (network.contains("width")) text += format(" of width {}", network["width"].get<int>());
  text += format(", {} px", network.at("image_size").get<int>());
  if (network.contains("clusters")) {
    return text + format(", {} clusters", network["clusters"].get<int>());
  }
  return text + ", projection " + network.value("projection", "none");
}

std::string figures_text(const json& metrics) {
  std::string text;
  for (const char* name : {"ACC", "NMI", "ARI"}) {
    if (!metrics.contains(name)) continue;
    text += format("{}{} {}", text.empty() ? "" : " ", name, percent(metrics[name]));
  }
  if (!metrics.contains("neighbor_accuracy")) return text;
  for (const char* k : {"1", "5", "20"}) {
    const json& accuracy = metrics["neighbor_accuracy"];
    if (!accuracy.contains(k)) continue;
    text += format("{}{}", text.empty() ? "neighbors " : " / ", percent(accuracy[k]));
  }
  return text;
}

std::string zoo_table(const ZooManifest& manifest) {
  size_t name_width = 4;
  size_t figures_width = 12;
  for (const ZooEntry& entry : manifest.entries) {
    name_width = std::max(name_width, entry.name.size());
    figures_width = std::max(figures_width, figures_text(entry.metrics).size());
  }
  const auto row = [&](const std::string& name, const std::string& kind, const std::string& figures,
                       const std::string& size, const std::string& file) {
    const auto padded = [](const std::string& text, size_t width) {
      return text + std::string(width - std::min(width, text.size()), ' ');
    };
    return format("{}  {}  {}  {:>7}  {}\n", padded(name, name_width), padded(kind, 9),
                  padded(figures, figures_width), size, file);
  };
  std::string text = row("name", "kind", "test figures", "MB", "file");
  for (const ZooEntry& entry : manifest.entries) {
    text += row(entry.name, entry.kind, figures_text(entry.metrics), megabytes(entry.file.bytes),
                is_shipped(manifest, entry) ? "shipped" : "not shipped");
  }
  text += "\n";
  for (const ZooEntry& entry : manifest.entries) {
    text += format("{}\n  {}\n  {}\n", entry.name, entry.summary, network_text(entry.network));
  }
  return text;
}

std::string zoo_markdown(const ZooManifest& manifest) {
  std::string text =
      "| name | kind | network | measured on the test images | over seeds (ACC / NMI / ARI) | "
      "stored, MB |\n|---|---|---|---|---|---|\n";
  for (const ZooEntry& entry : manifest.entries) {
    text += format("| [{}](#{}) | {} | {} | {} | {} | {} |\n", entry.name, entry.name, entry.kind,
                   network_text(entry.network), figures_text(entry.metrics), repeats_text(entry),
                   megabytes(stored_bytes(entry)));
  }
  for (const ZooEntry& entry : manifest.entries) text += section(entry);
  return text;
}

}  // namespace nolabel
