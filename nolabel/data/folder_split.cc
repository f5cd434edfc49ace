#include "nolabel/data/folder_split.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "nolabel/data/lower_case.h"
#include "nolabel/data/other_files.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/system_files.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// What a folder holds, without what is below.
struct Level {
  std::vector<std::string> folders;  // sorted, without the system's
  bool pictures = false;
};

Level look_into(const fs::path& folder) {
  Level level;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    std::string name = i->path().filename().string();
    if (is_system_name(name)) continue;
    std::error_code ignored;
    if (i->is_directory(ignored)) {
      level.folders.push_back(std::move(name));
    } else {
      level.pictures = level.pictures || has_image_extension(name);
    }
  }
  std::sort(level.folders.begin(), level.folders.end());
  return level;
}

using Visited = std::set<std::pair<dev_t, ino_t>>;

// Ends at the first picture, and looks only then whether a folder is our own: a data set may have
// thousands, on a slow drive.
bool holds_picture(const fs::path& folder, Visited& visited) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return false;
  if (!visited.emplace(status.st_dev, status.st_ino).second) return false;
  if (is_own_folder(folder)) return false;
  const Level level = look_into(folder);
  return level.pictures ||
         std::any_of(level.folders.begin(), level.folders.end(), [&](const std::string& name) {
           return holds_picture(folder / name, visited);
         });
}

bool holds_picture(const fs::path& folder) {
  Visited visited;
  return holds_picture(folder, visited);
}

enum class Role { none, train, test, validation };

// "Training_Set" and "train2017" are training images, "valid" are validation images.
Role role_of(const std::string& name) {
  std::string word;
  for (const char c : lower_case(name)) {
    if (c >= 'a' && c <= 'z') word += c;
    if (static_cast<unsigned char>(c) >= 0x80) return Role::none;
  }
  for (const std::string_view suffix : {"set", "data", "images", "imgs"}) {
    if (word.size() > suffix.size() && word.ends_with(suffix)) {
      word.resize(word.size() - suffix.size());
      break;
    }
  }
  if (word == "train" || word == "training") return Role::train;
  if (word == "test" || word == "testing") return Role::test;
  if (word == "val" || word == "valid" || word == "validation") return Role::validation;
  return Role::none;
}

// Of several folders with one role the plainest name: "train" before "Train" before "train2".
std::string plainest(const std::vector<std::string>& folders, Role role) {
  const auto plainness = [](const std::string& name) {
    const bool plain = name == "train" || name == "test" || name == "val";
    return std::tuple(!plain, name.size(), name);
  };
  std::string best;
  for (const std::string& name : folders) {
    if (role_of(name) != role) continue;
    if (best.empty() || plainness(name) < plainness(best)) best = name;
  }
  return best;
}

std::optional<FolderSplit> split_among(const std::vector<std::string>& folders) {
  FolderSplit split;
  split.train = plainest(folders, Role::train);
  split.test = plainest(folders, Role::test);
  split.validation = split.test.empty();
  if (split.validation) split.test = plainest(folders, Role::validation);
  if (split.train.empty() || split.test.empty()) return std::nullopt;
  return split;
}

}  // namespace

int FolderSplit::class_level() const {
  return 1 + static_cast<int>(std::count(top.begin(), top.end(), '/'));
}

std::optional<FolderSplit> find_split(const fs::path& root) {
  constexpr int deepest = 4;  // folders above the split
  std::string top;
  for (int depth = 0; depth <= deepest; ++depth) {
    const fs::path folder = root / top;
    const Level level = look_into(folder);
    auto split = split_among(level.folders);
    if (split && !is_own_folder(folder / split->train) && !is_own_folder(folder / split->test)) {
      split->top = top;
      for (const std::string& name : level.folders) {
        if (name == split->train || name == split->test || !holds_picture(folder / name)) continue;
        split->beside.push_back(name);
      }
      return split;
    }
    if (level.pictures) return std::nullopt;
    std::string only;
    for (const std::string& name : level.folders) {
      if (!holds_picture(folder / name)) continue;
      if (!only.empty()) return std::nullopt;
      only = name;
    }
    if (only.empty()) return std::nullopt;
    top += only + "/";
  }
  return std::nullopt;
}

}  // namespace nolabel
