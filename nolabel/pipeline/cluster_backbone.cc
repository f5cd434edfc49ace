#include "nolabel/pipeline/cluster_backbone.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/base/format.h"
#include "nolabel/data/sample_sizes.h"
#include "nolabel/pipeline/installed_backbone.h"

namespace nolabel {
namespace {

// A backbone of small views gains by being tuned on larger ones (docs/performance.md).
constexpr int least_tuned_view = 64;
// Views of what is trained from nothing: CIFAR's, or STL-10's.
constexpr int small_view = 32, large_view = 96;
// Short sides up to here are small pictures, beyond it photos.
constexpr int largest_small_picture = 64;

// The published network for views of this size.
Backbone from_nothing(int image_size) {
  Backbone backbone;
  backbone.network = published_for({}, image_size);
  backbone.image_size = image_size;
  backbone.normalize = normalization(preprocessing(backbone.network, image_size));
  backbone.labels = labels_none;
  backbone.origin = "a new network with random weights";
  return backbone;
}

// Without a --backbone.
BackboneChoice own_choice(const SeenSizes& sizes, int image_size, const BackboneAccess& access,
                          const Observer& observer) {
  if (sizes.most_large) {
    if (auto published = published_for_photos(access, image_size, observer)) {
      return {
          .backbone = std::move(published->backbone), .reason = published->reason, .warning = {}};
    }
  }
  const auto photos = sizes.most_large ? find_photos_backbone() : std::nullopt;
  if (photos) {
    return {.backbone = load_backbone(photos_backbone, image_size),
            .reason = format("most images are larger than {} pixels", largest_small_picture),
            .warning = {}};
  }
  BackboneChoice choice{
      .backbone = load_backbone(starter_backbone, image_size),
      .reason = "most images are small",
      .warning =
          "the starter backbone was trained on small pictures of ten kinds of things, so the "
          "groups may follow the look of the images more than their meaning. Use a better backbone "
          "with --backbone FILE, or tune the starter on these images with --effort standard"};
  if (sizes.most_large) {
    choice.reason = "the backbone for photos is not installed";
    choice.warning =
        "the backbone for photos is not installed. Run tools/setup.sh to fetch the backbone, or "
        "name its file in NOLABEL_PHOTOS. Until then, nolabel uses the starter: " +
        choice.warning;
  }
  return choice;
}

// A program stays as it is, whatever the effort, and where a run of standard effort names a
// backbone, it was not tuned.
bool keeps_remembered(Effort effort, const RunState& state) {
  const RunState::Backbone& was = state.backbone;
  const bool is_same_effort = state.effort == effort_name(effort);
  return effort == Effort::quick ||
         (effort == Effort::standard && (was.program || (is_same_effort && !was.name.empty())));
}

// Whether the run trained its own model from the backbone of this name.
bool begins_with(const std::string& name, Effort effort, const RunState& state) {
  const auto& start = state.backbone.start;
  if (!start || state.effort != effort_name(effort)) return false;
  return start->name == name ||
         start->name == std::filesystem::absolute(name).lexically_normal().string();
}

}  // namespace

WantedBackbone wanted_backbone(const SubjectRequest& request, Effort effort,
                               const RunState& state) {
  WantedBackbone wanted{.subject = request, .is_remembered = false, .normalize = std::nullopt};
  const RunState::Backbone& was = state.backbone;
  const auto take = [&wanted](const std::string& name, int image_size) {
    wanted.is_remembered = !name.empty();
    wanted.subject.backbone = name;
    if (wanted.subject.image_size == 0) wanted.subject.image_size = image_size;
  };
  if (!request.backbone.empty()) {
    const auto views =
        request.image_size == 0 ? views_of_same_backbone(request.backbone, state) : std::nullopt;
    if (views) {
      wanted.subject.image_size = views->image_size;
      wanted.normalize = views->normalize;
    } else if (request.image_size == 0 && begins_with(request.backbone, effort, state)) {
      wanted.subject.image_size = was.start->image_size;
    }
    return wanted;
  }
  if (keeps_remembered(effort, state)) {
    take(was.name, was.image_size);
    wanted.normalize = was.normalize;
  } else if (state.effort == effort_name(effort) && was.start) {
    take(was.start->name, was.start->image_size);
  }
  return wanted;
}

bool begins_from_nothing(const SubjectRequest& wanted, Effort effort) {
  return effort == Effort::full && wanted.backbone.empty();
}

std::optional<Backbone> named_backbone(const SubjectRequest& wanted, bool is_of_user, Effort effort,
                                       const BackboneAccess& access, const RunState& state,
                                       const Environment& environment) {
  if (wanted.backbone.empty()) return std::nullopt;
  if (const PublishedBackbone* published = find_published(wanted.backbone)) {
    provide_backbone(*published, access, environment.observer);
  }
  ProgramAccess programs = program_access(environment);
  if (effort == Effort::full) programs.use = ProgramAccess::Use::never;
  return load_backbone_of_run(wanted.backbone, wanted.image_size, is_of_user, state, programs,
                              environment);
}

SeenSizes look_at_sizes(const std::vector<std::filesystem::path>& data,
                        const DataSettings& settings, const Environment& environment) {
  LoadOptions options;
  options.labels = LabelSource::none;
  options.coarse = settings.coarse;
  options.subset = settings.subset;
  options.threads = environment.threads;
  const std::vector<int> sides =
      sample_short_sides(data, options, largest_small_picture, environment.observer);
  const int small = picture_size(published_for({}, small_view), small_view).short_side;
  const auto larger_than = [&sides](int limit) {
    return std::ranges::count_if(sides, [limit](int side) { return side > limit; });
  };
  return {.all_small = larger_than(small - 1) == 0,
          .most_large = 2 * larger_than(largest_small_picture) > std::ssize(sides)};
}

std::string BackboneChoice::announcement() const {
  std::string text =
      format("backbone: {} ({}); views of {} pixels", backbone.origin, reason, backbone.image_size);
  if (backbone.labels.empty() || backbone.labels == labels_none) return text;
  return text + ". " + labels_text(backbone.labels);
}

std::vector<std::string> BackboneChoice::notes() const {
  std::vector<std::string> notes{announcement()};
  if (!backbone.assumption.empty()) notes.push_back(backbone.assumption);
  if (!is_tuned) {
    notes.push_back(format(
        "--effort standard does not tune this backbone, because {}",
        backbone.program ? "a program cannot be trained" : "tuning is not known to help here"));
  }
  return notes;
}

BackboneChoice find_backbone(const SubjectRequest& wanted, const std::optional<Backbone>& named,
                             const SeenSizes& sizes, const BackboneAccess& access,
                             const Observer& observer) {
  if (named) return {.backbone = *named, .reason = "as requested", .warning = {}};
  return own_choice(sizes, wanted.image_size, access, observer);
}

BackboneChoice choice_for(Effort effort, BackboneChoice choice, const SubjectRequest& wanted,
                          const SeenSizes& sizes) {
  if (begins_from_nothing(wanted, effort)) {
    const int by_images = sizes.all_small ? small_view : large_view;
    return {.backbone = from_nothing(wanted.image_size > 0 ? wanted.image_size : by_images),
            .reason = "because of --effort full",
            .warning = {}};
  }
  if (effort == Effort::quick) return choice;
  // SimCLR on top of training with labels is not known to help. A program cannot be trained.
  choice.is_tuned = effort == Effort::full ||
                    (choice.backbone.labels != labels_imagenet && !choice.backbone.program);
  if (effort == Effort::standard && choice.is_tuned) choice.warning.clear();
  const bool as_it_is =
      effort == Effort::full || !choice.is_tuned || wanted.image_size > 0 || sizes.all_small;
  if (!as_it_is) {
    resize_views(choice.backbone, std::max(choice.backbone.image_size, least_tuned_view));
  }
  return choice;
}

void require_same_backbone(const Backbone& backbone, const RunDirectory& run,
                           const Environment& environment) {
  const RunState& was = run.state();
  // Older versions remembered no hash.
  const bool known = was.clusters > 0 && !was.backbone.hash.empty();
  if (!known || environment.force) return;
  if (was.backbone.hash == backbone_hash(backbone)) return;
  const bool is_same_file = was.backbone.origin == backbone.origin;
  fail_usage(
      "{} was clustered with another backbone: backbone was {}, is {}{}. Use --force to cluster "
      "it again, or another --out.",
      run.path().string(), was.backbone.origin, backbone.origin,
      is_same_file ? " with another content or other statements" : "");
}

}  // namespace nolabel
