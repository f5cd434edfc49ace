// Backbones that other people have published: where they are, how large, under which licence, and
// whose labels trained them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

struct PublishedBackbone {
  std::string name;         // "dinov2-s14-reg": a-z, 0-9 and -
  std::string summary;      // "DINOv2 ViT-S/14 with registers"
  std::string url;          // of the authors
  int megabytes = 0;        // about; 0: not known
  int64_t bytes = 0;        // exactly; 0: the authors do not say
  std::string sha256 = {};  // of the file, or the digits that it begins with; empty: not known
  std::string licence;
  std::string images;  // that it was trained on
  std::string labels;  // that took part: "none", "imagenet", "captions" (model/recognise.h)
  // What the weights do not tell (model/recognise.h), beside `labels`.
  std::map<std::string, std::string> statements = {};
  std::string hugging_face = {};  // the repository that has the same weights, or empty
  // The network (model/backbone_description.h), by some of its parameters.
  std::string architecture = {};
  std::map<std::string, std::string> parameters = {};
  // Whether `cluster` takes it by itself where it is on the disk: better than nolabel's own,
  // trained without class labels, and not too large for a CPU.
  bool is_taken_unasked = false;

  std::string file() const;  // "dinov2_vits14_reg4_pretrain.pth"
};

// In the order of preference on a CPU: the first is the one that `cluster` offers to download.
std::span<const PublishedBackbone> published_backbones();

// nullptr: there is none of this name.
const PublishedBackbone* find_published(std::string_view name);

// For messages: "88.3 MB", "about 346 MB", or "size unknown".
std::string size_text(const PublishedBackbone& backbone);

}  // namespace nolabel
