// Images sorted into one folder per cluster: directory/0, directory/1, … or, where there are
// splits, directory/train/0 …
//
// The file .nolabel-sorted.json in the directory lists every link and copy that nolabel put there,
// so that sorting again, with other images or another number of clusters, replaces what the
// earlier sort left and touches nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nolabel/pipeline/predict.h"
#include "nolabel/record/observer.h"

namespace nolabel {

enum class SortedAs { absolute_links, relative_links, copies };

struct SortedCounts {
  int64_t added = 0;    // links or copies made now
  int64_t same = 0;     // there already
  int64_t removed = 0;  // of an earlier sort, no longer wanted
  int64_t changed = 0;  // of an earlier sort, but changed since: they stay
};

// An image, and where it goes.
struct SortedImage {
  std::filesystem::path file;    // absolute, or seen from the current folder
  std::filesystem::path folder;  // "3", "train/3": seen from the directory; one or two names
  std::string name;              // in that folder
  // What a copy holds where it is not the file as it is: a picture in another format, or one that
  // is no file of its own (then `file` is empty). Only with SortedAs::copies; called once or twice.
  std::function<std::string()> content = {};
};

// `option`, here and below, is how the user has named the directory, for messages.
//
// Throws Error(Fault::usage) unless `directory` is new, empty, or where an earlier sort put its
// images: nolabel never takes a sorted folder for photos, so one that holds the user's photos must
// not become one. Before the work.
void check_sorted_folder(const std::filesystem::path& directory,
                         const std::string& option = "--sort-into");

// Puts every image into its folder under its name. Images of one name in one cluster
// get numbers (cat.jpg, cat-2.jpg), also when they are identical, so that there is an entry for
// each. What stands at a name already and is not nolabel's stays, and the image gets a number.
// Links and copies of an earlier sort that are no longer wanted are removed, with the folders that
// this leaves empty; a copy that was edited, or a link that was turned elsewhere, stays, with a
// note. Interrupted, the next sort goes on from there.
// Throws Error(Fault::usage) when the images are themselves what an earlier sort put into the
// directory; Error(Fault::data) when the list is damaged; Error(Fault::system) when a link or copy
// cannot be made.
SortedCounts sort_images(const std::filesystem::path& directory,
                         const std::vector<SortedImage>& images, SortedAs as,
                         const std::string& option, const Observer& observer);

// The same with every image of a prediction, in a folder of its cluster and under its own name.
// Throws Error(Fault::usage), too, when the images are no files.
SortedCounts sort_into(const std::filesystem::path& directory, const Prediction& prediction,
                       SortedAs as, const Observer& observer);

}  // namespace nolabel
