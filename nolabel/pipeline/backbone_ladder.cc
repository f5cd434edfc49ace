#include "nolabel/pipeline/backbone_ladder.h"

#include "nolabel/base/error.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/model/recognise.h"

namespace nolabel {
namespace {

std::string what_it_is(const PublishedBackbone& backbone) {
  return format("{} ({}, {}, trained {} labels on {})", backbone.summary, size_text(backbone),
                backbone.licence, backbone.labels == labels_none ? "without" : "with",
                backbone.images);
}

// Nothing: nobody has decided.
std::optional<bool> may_download(const PublishedBackbone& backbone, const std::string& why,
                                 const BackboneAccess& access, const Observer& observer) {
  if (access.offline) return false;
  if (access.download) return true;
  if (!access.ask) return std::nullopt;
  const auto answer = access.ask(format("{} Download {}?", why, what_it_is(backbone)));
  observer.stop_if_requested();
  return answer;
}

}  // namespace

std::filesystem::path fetch_backbone(const PublishedBackbone& backbone,
                                     const BackboneSource& source, const Observer& observer) {
  const auto check = [&backbone](const std::filesystem::path& file) {
    const StateDict state = read_model_weights(file).state;
    const RecognisedBackbone found = recognise_backbone(state, backbone.statements, 0, file);
    require_network_of(backbone, found.network, file);
  };
  return get_backbone(backbone, source, check, observer);
}

void provide_backbone(const PublishedBackbone& backbone, const BackboneAccess& access,
                      const Observer& observer) {
  if (find_on_disk(backbone)) return;
  const std::string why = format("{} is not on this machine.", backbone.name);
  if (!may_download(backbone, why, access, observer).value_or(false)) return;
  fetch_backbone(backbone, {}, observer);
}

std::optional<LadderStep> published_for_photos(const BackboneAccess& access, int image_size,
                                               const Observer& observer) {
  for (const PublishedBackbone& backbone : published_backbones()) {
    if (!backbone.is_taken_unasked) continue;
    const auto found = find_on_disk(backbone);
    if (!found) continue;
    try {
      return LadderStep{load_backbone(backbone.name, image_size),
                        format("found in {}; --backbone photos takes nolabel's own", found->place)};
    } catch (const Error& error) {  // the file is perhaps another program's: nolabel goes on
      if (error.fault() != Fault::data && error.fault() != Fault::usage) throw;
      observer.warn(format("nolabel does not use {}: {}", found->file.string(), error.what()));
    }
  }
  const PublishedBackbone& best = published_backbones().front();
  const bool asks = !access.download && !access.offline && access.ask;
  if (asks && has_declined()) return std::nullopt;
  const auto decision =
      may_download(best, "The backbone decides what groups of photos mean.", access, observer);
  if (decision == true) {
    fetch_backbone(best, {}, observer);
    return LadderStep{load_backbone(best.name, image_size), "downloaded"};
  }
  if (asks && decision == false) {
    remember_declined();
    observer.note(format("nolabel will not ask again. `nolabel backbone get {}` fetches it later",
                         best.name));
  }
  return std::nullopt;
}

}  // namespace nolabel
