// Published backbones on this machine: in nolabel's own folder, and in the caches of torch.hub and
// Hugging Face. A file is used only if its content is the known one; where nobody publishes a
// checksum, that of the first use.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "nolabel/backbones/catalogue.h"
#include "nolabel/fetch/download.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// NOLABEL_BACKBONES, else backbones/ in nolabel's folder of the user's caches. Throws
// Error(Fault::system) when there is none.
std::filesystem::path backbone_folder();

struct FoundBackbone {
  std::filesystem::path file;
  std::string place;          // for people: "nolabel's folder", "torch.hub's cache" …
  bool is_of_authors = true;  // false: Hugging Face's file of the same weights
};
// In the order of the places above.
std::optional<FoundBackbone> find_on_disk(const PublishedBackbone& backbone);

// Throws Error(Fault::data) when the file is not the one that was published, or, where no checksum
// is known, not the one of its first use.
void require_known_content(const PublishedBackbone& backbone, const FoundBackbone& found);
// Where no checksum is known: from now on, the file must have the content that it has. Call it when
// the file has turned out to hold the network.
void remember_content(const PublishedBackbone& backbone, const FoundBackbone& found);

struct BackboneSource {
  std::string mirror;  // a URL under which the files lie by their names; empty: NOLABEL_MIRROR, if
                       // it is set, or else the authors
  DownloadPatience patience = {};
};
// Downloads the file into nolabel's folder, unless it is there. While another process downloads it,
// waits, says so, and then uses that file, or goes on with the download where that process failed
// or was killed. `check` reads the file before it is kept and throws when it is no such backbone.
// Throws what download() throws; Error(Fault::stopped) on request, also while waiting.
std::filesystem::path get_backbone(const PublishedBackbone& backbone, const BackboneSource& source,
                                   const std::function<void(const std::filesystem::path&)>& check,
                                   const Observer& observer);

// Whether the person was asked to download one and declined; and remembers that.
bool has_declined();
void remember_declined();

}  // namespace nolabel
