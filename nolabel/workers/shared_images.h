// The images that the processes of a group work on. The leader loads them; the workers map the same
// packed cache where they can read it, and otherwise get the images from the leader.
#pragma once

#include <map>
#include <string>

#include "nolabel/data/dataset.h"
#include "nolabel/group/message.h"

namespace nolabel {

inline constexpr const char* images_subject = "images";

// In the leader: sees to it that every worker has these images, which messages then name by their
// fingerprint. Sends nothing that is there. Throws Error(Fault::usage) when they are too many to be
// sent (8 GB) and a worker cannot read the packed cache, and Error as Group.
void share_images(Group& group, const Dataset& images);

// In a worker: the images that the leader has shared. Names and pixels are the leader's; labels are
// not there, because no work that is divided knows of them.
class SharedImages {
 public:
  void take(Group& group, const Message& message);
  const Dataset& named(const std::string& fingerprint) const;

 private:
  std::map<std::string, Dataset> images_;
};

}  // namespace nolabel
