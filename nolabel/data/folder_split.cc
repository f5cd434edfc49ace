#include "nolabel/data/folder_split.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "nolabel/data/other_files.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/split_name.h"
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

// Of several folders with one role the plainest name: "train" before "Train" before "train2".
std::string plainest(const std::vector<std::string>& folders, SplitRole role,
                     const std::string& rest) {
  const auto plainness = [](const std::string& name) {
    const bool plain = name == "train" || name == "test" || name == "val";
    return std::tuple(!plain, name.size(), name);
  };
  std::string best;
  for (const std::string& name : folders) {
    const SplitName found = split_name(name);
    if (found.role != role || found.rest != rest) continue;
    if (best.empty() || plainness(name) < plainness(best)) best = name;
  }
  return best;
}

// Of the folders whose names have these other words.
std::optional<FolderSplit> split_with(const std::vector<std::string>& folders,
                                      const std::string& rest) {
  FolderSplit split;
  split.train = plainest(folders, SplitRole::train, rest);
  split.test = plainest(folders, SplitRole::test, rest);
  split.validation = split.test.empty();
  if (split.validation) split.test = plainest(folders, SplitRole::validation, rest);
  if (split.train.empty() || split.test.empty()) return std::nullopt;
  return split;
}

// `train` beside `test`, else the only two such as `seg_train` and `seg_test` that hold pictures:
// of `cats_train`, `cats_test`, `dogs_train` and `dogs_test` no two are the data set.
std::optional<FolderSplit> split_among(const fs::path& parent,
                                       const std::vector<std::string>& folders) {
  if (auto split = split_with(folders, "")) return split;
  std::set<std::string> rests;
  for (const std::string& name : folders) {
    if (SplitName found = split_name(name); found.role == SplitRole::train) {
      rests.insert(std::move(found.rest));
    }
  }
  std::optional<FolderSplit> only;
  for (const std::string& rest : rests) {
    auto split = split_with(folders, rest);
    if (!split || !holds_picture(parent / split->train) || !holds_picture(parent / split->test)) {
      continue;
    }
    if (only) return std::nullopt;
    only = std::move(split);
  }
  return only;
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
    auto split = split_among(folder, level.folders);
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
