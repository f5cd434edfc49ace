#include "nolabel/pipeline/export_call.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/export_pictures.h"
#include "nolabel/pipeline/export_tables.h"
#include "nolabel/pipeline/run_result.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using Images = std::vector<ResultImage>;

constexpr const char* junk_folder = "junk";

bool makes_folders(ExportFormat format) {
  return format == ExportFormat::folders || format == ExportFormat::imagefolder;
}

std::string_view beginning_of(ExportFormat format) {
  if (format == ExportFormat::csv) return export_csv_beginning;
  return format == ExportFormat::coco ? export_coco_beginning : export_json_lines_beginning;
}

// A file that anything else has written is not replaced: it may be a photo, or a file of the run.
void require_export_or_new(const fs::path& file, std::string_view beginning) {
  std::error_code unreadable;
  if (!fs::is_regular_file(file, unreadable) || fs::file_size(file, unreadable) == 0) return;
  std::string start(beginning.size(), '\0');
  std::ifstream(file, std::ios::binary).read(start.data(), std::ssize(start));
  if (start == beginning) return;
  fail_usage(
      "OUT must be a new file, or one that an earlier export in this format wrote. {} holds "
      "something else: name another file.",
      file.string());
}

void check_export(const ExportRequest& request) {
  if (request.copy && request.relative_links) {
    fail_usage("an export makes copies or links. Received --copy and --relative-links.");
  }
  if (makes_folders(request.format)) {
    if (request.out == "-") {
      fail_usage(
          "OUT must be a folder with --format folders or imagefolder. Received '-', stdout.");
    }
    check_output_folder(request.out);
    check_sorted_folder(request.out, "OUT");
    return;
  }
  if (request.copy || request.relative_links) {
    fail_usage("--copy and --relative-links need --format folders or imagefolder. Received {}.",
               request.copy ? "--copy" : "--relative-links");
  }
  if (request.out == "-") return;
  check_output(request.out);
  require_export_or_new(request.out, beginning_of(request.format));
}

// Leaves only the images that the request asks for.
void leave_out_unwanted(Images& images, const ExportRequest& request, ExportOutcome& outcome) {
  if (!request.junk) {
    outcome.junk += static_cast<int64_t>(std::erase_if(
        images, [](const ResultImage& image) { return image.status == ImageStatus::junk; }));
  }
  if (request.duplicates == ExportedDuplicates::skip) {
    outcome.duplicates += static_cast<int64_t>(std::erase_if(
        images, [](const ResultImage& image) { return image.status == ImageStatus::duplicate; }));
  }
}

void count_exported(ExportOutcome& outcome, const ResultImage& image) {
  ++outcome.images;
  if (image.status == ImageStatus::junk) return;
  const auto found = std::ranges::find_if(outcome.clusters, [&image](const auto& cluster) {
    return cluster.identity.id == image.assignment.cluster;
  });
  NOLABEL_ASSERT(found != outcome.clusters.end());
  ++found->images;
}

void report_left_out(const LeftOutImages& left_out, size_t images, ExportOutcome& outcome,
                     const Observer& observer) {
  outcome.missing = left_out.count();
  const std::vector<std::string> texts = left_out.texts();
  if (outcome.missing > 0 && outcome.missing == static_cast<int64_t>(images)) {
    fail_data("at least one picture must be there to be exported. None is: {}.", texts.front());
  }
  for (const std::string& text : texts) observer.warn(text);
}

// ---- folders

class FolderExport {
 public:
  FolderExport(const ExportRequest& request, const RunState& state, const RunResult& result,
               ExportOutcome& outcome, const Observer& observer)
      : request_(request),
        result_(result),
        outcome_(outcome),
        observer_(observer),
        pictures_(state, observer),
        folders_(export_folders(result.clusters, request.junk ? junk_folder : "")) {}

  void run() {
    const bool split = request_.format == ExportFormat::imagefolder && result_.validation;
    const std::set<std::string> train = plan(result_.images, split ? "train" : "");
    size_t images = result_.images.size();
    if (split) {
      const std::set<std::string> validation = plan(*result_.validation, "val");
      images += result_.validation->size();
      if (train != validation) {
        observer_.warn(
            "train and val do not hold the same clusters, so programs that number the folders of "
            "each number them differently");
      }
    }
    report_left_out(left_out_, images, outcome_, observer_);
    for (ExportOutcome::Cluster& cluster : outcome_.clusters) {
      if (cluster.images > 0) cluster.folder = folders_.at(cluster.identity.id);
    }
    outcome_.sorted = sort_images(request_.out, planned_, sorted_as(), "OUT", observer_);
  }

 private:
  // Plans the images of one split; returns the folders that hold any.
  std::set<std::string> plan(const Images& images, const fs::path& split) {
    const PictureRules rules{.for_torchvision = request_.format == ExportFormat::imagefolder,
                             .copies = request_.copy};
    std::set<std::string> used;
    for (const ResultImage& image : images) {
      observer_.stop_if_requested();
      std::optional<SortedImage> picture =
          exported_picture(pictures_, image.path, rules, left_out_);
      if (!picture) continue;
      const std::string folder =
          image.status == ImageStatus::junk ? junk_folder : folders_.at(image.assignment.cluster);
      used.insert(folder);
      picture->folder = split / folder;
      planned_.push_back(std::move(*picture));
      count_exported(outcome_, image);
    }
    note_empty(used, split);
    return used;
  }

  void note_empty(const std::set<std::string>& used, const fs::path& split) const {
    std::vector<int> empty;
    for (const ClusterIdentity& cluster : result_.clusters) {
      if (!used.contains(folders_.at(cluster.id))) empty.push_back(cluster.id);
    }
    if (empty.empty()) return;
    observer_.note(format("{} no pictures here and so no folder{}",
                          cluster_list(empty) + (empty.size() == 1 ? " has" : " have"),
                          split.empty() ? "" : " in " + split.string()));
  }

  SortedAs sorted_as() const {
    if (request_.copy) return SortedAs::copies;
    return request_.relative_links ? SortedAs::relative_links : SortedAs::absolute_links;
  }

  const ExportRequest& request_;
  const RunResult& result_;
  ExportOutcome& outcome_;
  const Observer& observer_;
  const RunPictures pictures_;
  const std::map<int, std::string> folders_;
  std::vector<SortedImage> planned_;
  LeftOutImages left_out_;
};

// ---- files

// The size of the picture of each image. Those of a run on images that are gone are left out of
// `images`; features need no pictures.
std::vector<std::optional<PixelSize>> sizes_of(Images& images, const RunPictures& pictures,
                                               bool pictures_required, LeftOutImages& left_out,
                                               const Observer& observer) {
  std::vector<std::optional<PixelSize>> sizes;
  Images kept;
  for (ResultImage& image : images) {
    observer.stop_if_requested();
    std::optional<PixelSize> size;
    if (const std::optional<int> side = pictures.side(image.path)) {
      size = {*side, *side};
    } else if (const std::optional<fs::path> file = pictures.file(image.path)) {
      try {
        size = read_image_size(*file);
      } catch (const Error&) {
        size.reset();
      }
    }
    if (!size && pictures_required) {
      left_out.add(image.path, "the file does not exist or cannot be read");
      continue;
    }
    sizes.push_back(size);
    kept.push_back(std::move(image));
  }
  images = std::move(kept);
  return sizes;
}

std::string coco_text(const RunState& state, RunResult& result, ExportOutcome& outcome,
                      const Observer& observer) {
  const RunPictures pictures(state, observer);
  LeftOutImages left_out;
  const size_t all = result.images.size();
  const auto sizes = sizes_of(result.images, pictures, state.features.empty(), left_out, observer);
  report_left_out(left_out, all, outcome, observer);
  const auto unknown = std::ranges::count(sizes, std::optional<PixelSize>());
  if (unknown > 0) {
    observer.warn(format("{} have no width and height, because they are no files of pictures",
                         image_count(static_cast<size_t>(unknown))));
  }
  return export_coco(result.clusters, result.images, sizes, pictures.root());
}

std::string text_of(const ExportRequest& request, const RunState& state, RunResult& result,
                    ExportOutcome& outcome, const Observer& observer) {
  if (request.format == ExportFormat::coco) return coco_text(state, result, outcome, observer);
  return request.format == ExportFormat::csv ? export_csv(result.clusters, result.images)
                                             : export_json_lines(result.clusters, result.images);
}

}  // namespace

void declare(SettingTables& tables, ExportRequest& request) {
  Schema& options = tables.options;
  options.add(
      "format", &request.format,
      {{"folders", ExportFormat::folders},
       {"imagefolder", ExportFormat::imagefolder},
       {"csv", ExportFormat::csv},
       {"jsonl", ExportFormat::json_lines},
       {"coco", ExportFormat::coco}},
      "folders: one folder per cluster; imagefolder: the same for torchvision and FiftyOne; "
      "csv and jsonl: a table; coco: categories and annotations");
  options.add("copy", &request.copy, "copies instead of links in folders");
  options.add("relative_links", &request.relative_links,
              "make relative links, so that OUT and the images can be moved together");
  options.add("junk", &request.junk,
              "export images that were put aside as junk, too; folders have them in OUT/junk");
  options.add("duplicates", &request.duplicates,
              {{"keep", ExportedDuplicates::keep}, {"skip", ExportedDuplicates::skip}},
              "keep or skip images that are nearly the same as another");
}

ExportOutcome export_run(SettingTables&, ExportRequest& request, const Observer& observer) {
  check_export(request);
  const RunState state = read_run_state(request.run);
  RunResult result = read_run_result(request.run, state);
  ExportOutcome outcome;
  for (const ClusterIdentity& cluster : result.clusters) {
    outcome.clusters.push_back({.identity = cluster, .folder = "", .images = 0});
  }
  leave_out_unwanted(result.images, request, outcome);
  const bool with_validation = request.format == ExportFormat::imagefolder;
  if (result.validation && with_validation)
    leave_out_unwanted(*result.validation, request, outcome);
  if (result.validation && !with_validation) {
    observer.note("the validation images are not in this export; --format imagefolder has both");
  }
  if (makes_folders(request.format)) {
    FolderExport(request, state, result, outcome, observer).run();
    return outcome;
  }
  outcome.text = text_of(request, state, result, outcome, observer);
  for (const ResultImage& image : result.images) count_exported(outcome, image);
  if (request.out != "-") write_file(request.out, outcome.text);
  return outcome;
}

}  // namespace nolabel
