// Which images a run was made from, by name and content, so that a later command on other images
// can say what has changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/data/duplicates.h"

namespace nolabel {

struct ImageList {
  struct Image {
    std::string name;
    ContentId content;
    bool operator==(const Image&) const = default;
  };
  std::vector<Image> images;  // in the order of the run
  // So many of the last images are those that the setting hold_out has set aside. 0: none, or an
  // older version wrote the list.
  size_t held_out = 0;

  // contents [N] of the data set
  void add(const Dataset& dataset, const std::vector<ContentId>& contents);
};

// `file` is images.csv of a run: "path,content", the content as 32 hexadecimal digits, or where
// images are held out "path,content,split".
void write_image_list(const std::filesystem::path& file, const ImageList& list);
// Nothing when there is no such file. Throws Error(Fault::data) when it is not as written.
std::optional<ImageList> read_image_list(const std::filesystem::path& file);

// "3 new (a.jpg, b.jpg …), 1 gone (x.jpg), 1 with another content (y.jpg), 2 renamed (p.jpg is now
// q.jpg …)", "their order", or empty when the lists are equal.
std::string image_list_change(const ImageList& was, const ImageList& is);

}  // namespace nolabel
