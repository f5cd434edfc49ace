#include "nolabel/data/imagenet_subset.h"

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/config/schema.h"
#include "nolabel/data/text.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

const std::map<std::string, std::string_view>& published_lists() {
  static const std::map<std::string, std::string_view> lists{
      {"imagenet_50", kImagenet50}, {"imagenet_100", kImagenet100}, {"imagenet_200", kImagenet200}};
  return lists;
}

std::string text_of(const std::string& subset) {
  const auto published = published_lists().find(subset);
  if (published != published_lists().end()) return std::string(published->second);
  std::error_code error;
  if (fs::exists(subset, error) && !fs::is_directory(subset, error)) return read_file(subset);
  const auto nearest = nearest_name(subset, {"imagenet_50", "imagenet_100", "imagenet_200"});
  fail_usage(
      "a subset of ImageNet must be imagenet_50, imagenet_100, imagenet_200 or a file of lines "
      "\"wnid class name\". Received {}{}",
      subset, nearest ? ". Did you mean " + *nearest + "?" : std::string("."));
}

}  // namespace

std::vector<SubsetClass> read_imagenet_subset(const std::string& subset) {
  std::istringstream text(text_of(subset));
  std::vector<SubsetClass> classes;
  std::set<std::string> taken;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    line = std::string(trimmed(line));
    if (line.empty()) continue;
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    SubsetClass one{line.substr(0, end), std::string(trimmed(std::string_view(line).substr(end)))};
    if (one.wnid.find('/') != std::string::npos || one.wnid.starts_with('.')) {
      fail_usage("{}:{}: a line must begin with the name of a class folder. Received {}.", subset,
                 number, one.wnid);
    }
    if (!taken.insert(one.wnid).second) {
      fail_usage("{}:{}: every class must be listed once. {} stands there again.", subset, number,
                 one.wnid);
    }
    if (one.name.empty()) one.name = one.wnid;
    classes.push_back(std::move(one));
  }
  if (classes.empty()) fail_usage("{} must list classes. It is empty.", subset);
  return classes;
}

}  // namespace nolabel
