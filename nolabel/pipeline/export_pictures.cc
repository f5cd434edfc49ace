#include "nolabel/pipeline/export_pictures.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <span>

#include "nolabel/base/error.h"
#include "nolabel/edits/json_file.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr const char* no_such_file = "there is no such file";
constexpr const char* unreadable_file = "the file is no picture or cannot be read";
constexpr const char* not_of_torchvision =
    "torchvision takes no GIF, HEIC or AVIF; with --copy they become PNG and JPEG";

// IMG_EXTENSIONS of torchvision.datasets.folder.
constexpr std::array torchvision_extensions = {".jpg"sv, ".jpeg"sv, ".png"sv,  ".ppm"sv, ".bmp"sv,
                                               ".pgm"sv, ".tif"sv,  ".tiff"sv, ".webp"sv};
// Like what cameras write; a photo from a phone as PNG would be ten times as large.
constexpr int jpeg_quality = 95;

std::string in_lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_torchvision_extension(std::string_view extension) {
  return std::ranges::find(torchvision_extensions, extension) != torchvision_extensions.end();
}

// By the content of the file; empty when it is no picture or cannot be read.
std::string_view extension_by_content(const fs::path& file) {
  std::array<char, 64> head{};
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), head.size());
  return image_extension(std::as_bytes(std::span(head.data(), static_cast<size_t>(in.gcount()))));
}

std::string with_picture_extension(const fs::path& name, std::string_view extension) {
  const fs::path stem = has_image_extension(name) ? name.stem() : name;
  return stem.string() + std::string(extension);
}

// In a format that torchvision reads.
std::string converted(const fs::path& file, bool as_jpeg) {
  Image image;
  try {
    image = read_image(file);
  } catch (const Error& error) {
    throw Error(error.fault(), format("{}: {}", file.string(), error.what()));
  }
  return as_jpeg ? encode_jpeg(image.view(), jpeg_quality, Chroma::full) : encode_png(image.view());
}

std::optional<SortedImage> picture_for_torchvision(SortedImage image, const std::string& path,
                                                   bool copies, LeftOutImages& left_out) {
  const fs::path name = image.name;
  const std::string_view content = extension_by_content(image.file);
  if (content.empty()) {
    left_out.add(path, unreadable_file);
    return std::nullopt;
  }
  if (is_torchvision_extension(content)) {
    const bool taken = is_torchvision_extension(in_lower_case(name.extension().string()));
    if (!taken) image.name = with_picture_extension(name, content);
    return image;
  }
  if (!copies) {
    left_out.add(path, not_of_torchvision);
    return std::nullopt;
  }
  const bool as_jpeg = content != ".gif";
  image.name = with_picture_extension(name, as_jpeg ? ".jpg" : ".png");
  image.content = [file = image.file, as_jpeg] { return converted(file, as_jpeg); };
  return image;
}

// "data_batch_1:17" becomes "data_batch_1-17.png".
SortedImage picture_without_file(const RunPictures& pictures, const std::string& path) {
  std::string name = path;
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == ':'; }, '-');
  return {.file = {},
          .folder = {},
          .name = with_picture_extension(name, ".png"),
          .content = [&pictures, path] { return encode_png(pictures.picture(path).view()); }};
}

}  // namespace

void LeftOutImages::add(const std::string& path, const std::string& reason) {
  Group& group = groups_[reason];
  if (group.count++ == 0) group.first = path;
}

int64_t LeftOutImages::count() const {
  int64_t count = 0;
  for (const auto& [reason, group] : groups_) count += group.count;
  return count;
}

std::vector<std::string> LeftOutImages::texts() const {
  std::vector<std::string> texts;
  for (const auto& [reason, group] : groups_) {
    texts.push_back(format("{} left out because {} (such as {})",
                           group.count == 1 ? "1 image is" : format("{} images are", group.count),
                           reason, shown_text(group.first)));
  }
  return texts;
}

std::optional<SortedImage> exported_picture(const RunPictures& pictures, const std::string& path,
                                            const PictureRules& rules, LeftOutImages& left_out) {
  if (pictures.side(path)) {
    if (rules.copies) return picture_without_file(pictures, path);
    fail_usage(
        "links need images that are files of their own. {} is none: give --copy, which writes each "
        "image as a PNG file.",
        path);
  }
  const std::optional<fs::path> file = pictures.file(path);
  if (!file) {
    left_out.add(path, no_such_file);
    return std::nullopt;
  }
  SortedImage image{.file = *file, .folder = {}, .name = file->filename().string()};
  if (!rules.for_torchvision) return image;
  return picture_for_torchvision(std::move(image), path, rules.copies, left_out);
}

std::map<int, std::string> export_folders(const std::vector<ClusterIdentity>& clusters,
                                          const std::string& reserved) {
  std::map<int, std::string> folders;
  std::set<std::string> taken = {reserved};
  for (const ClusterIdentity& cluster : clusters) {
    std::string folder = cluster_folder(cluster, clusters);
    while (!taken.insert(in_lower_case(folder)).second) {
      folder = format("{} ({})", folder, cluster.id);
    }
    folders[cluster.id] = folder;
  }
  return folders;
}

}  // namespace nolabel
