// What desktops, cameras' programs and network drives leave among photos: bins, thumbnails,
// snapshots, settings.
#pragma once

#include <string_view>

namespace nolabel {

// True for the name of a file or folder that is none of the user's: every hidden one (.Trash-1000,
// .thumbnails, ._photo.jpg, .DS_Store) and the known ones that are not hidden (@eaDir, #recycle,
// $RECYCLE.BIN, System Volume Information, __MACOSX, lost+found, Thumbs.db …), in upper or lower
// case.
bool is_system_name(std::string_view name);

}  // namespace nolabel
