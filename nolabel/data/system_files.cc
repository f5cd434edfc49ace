#include "nolabel/data/system_files.h"

#include <algorithm>
#include <array>

#include "nolabel/data/text.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;

constexpr std::array names = {
    // Synology, QNAP and other network drives: thumbnails, bins, snapshots
    "@eadir"sv,
    "@tmp"sv,
    "@recycle"sv,
    "#recycle"sv,
    "#snapshot"sv,
    "@recently-snapshot"sv,
    "@sharesnap"sv,
    "~snapshot"sv,
    "network trash folder"sv,
    "temporary items"sv,
    // Windows
    "$recycle.bin"sv,
    "recycler"sv,
    "recycled"sv,
    "system volume information"sv,
    "thumbs.db"sv,
    "thumbs.db:encryptable"sv,
    "ehthumbs.db"sv,
    "ehthumbs_vista.db"sv,
    "desktop.ini"sv,
    // macOS, in archives
    "__macosx"sv,
    // Linux
    "lost+found"sv,
};

}  // namespace

bool is_system_name(std::string_view name) {
  if (name.starts_with('.')) return true;
  return std::find(names.begin(), names.end(), lower_case(name)) != names.end();
}

}  // namespace nolabel
