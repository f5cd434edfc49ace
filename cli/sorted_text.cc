#include "cli/sorted_text.h"

#include "nolabel/base/format.h"

namespace nolabel::cli {

std::string sorted_text(const std::string& directory, const SortedCounts& counts) {
  std::string text = format("{}: {} images in one folder per cluster ({} added", directory,
                            counts.added + counts.same, counts.added);
  if (counts.same > 0) text += format(", {} unchanged", counts.same);
  if (counts.removed > 0)
    text += format(", {} removed that an earlier sort had made", counts.removed);
  if (counts.changed > 0) text += format(", {} kept because they were changed", counts.changed);
  return text + ")\n";
}

}  // namespace nolabel::cli
