#include "nolabel/pipeline/backbone_ladder.h"

#include "nolabel/model/model_weights.h"
#include "nolabel/model/recognise.h"

namespace nolabel {
namespace {

std::string what_it_is(const PublishedBackbone& backbone) {
  return format("{} ({}, {}, trained on {} {} labels)", backbone.summary, size_text(backbone),
                backbone.licence, backbone.images,
                backbone.labels == labels_none ? "without" : "with");
}

bool may_download(const PublishedBackbone& backbone, const std::string& why,
                  const BackboneAccess& access) {
  if (access.offline) return false;
  if (access.download) return true;
  return access.ask && access.ask(format("{} Download {}?", why, what_it_is(backbone)));
}

}  // namespace

std::filesystem::path fetch_backbone(const PublishedBackbone& backbone,
                                     const BackboneSource& source, const Observer& observer) {
  const auto check = [&backbone](const std::filesystem::path& file) {
    recognise_backbone(read_model_weights(file).state, backbone.statements, 0, file);
  };
  return get_backbone(backbone, source, check, observer);
}

void provide_backbone(const PublishedBackbone& backbone, const BackboneAccess& access,
                      const Observer& observer) {
  if (find_on_disk(backbone)) return;
  if (!may_download(backbone, format("{} is not on this machine.", backbone.name), access)) return;
  fetch_backbone(backbone, {}, observer);
}

std::optional<LadderStep> published_for_photos(const BackboneAccess& access,
                                               const Observer& observer) {
  for (const PublishedBackbone& backbone : published_backbones()) {
    if (!backbone.is_taken_unasked) continue;
    if (const auto found = find_on_disk(backbone)) {
      return LadderStep{backbone.name,
                        format("found in {}; --backbone photos takes nolabel's own", found->place)};
    }
  }
  const PublishedBackbone& best = published_backbones().front();
  const bool asks = !access.download && !access.offline && access.ask;
  if (asks && has_declined()) return std::nullopt;
  if (!may_download(best, "What groups of photos mean is decided by the backbone.", access)) {
    if (asks) {
      remember_declined();
      observer.note(format("nolabel will not ask again. `nolabel backbone get {}` fetches it later",
                           best.name));
    }
    return std::nullopt;
  }
  fetch_backbone(best, {}, observer);
  return LadderStep{best.name, "downloaded"};
}

}  // namespace nolabel
