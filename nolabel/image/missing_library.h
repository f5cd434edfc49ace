// Pictures that were skipped because a library was not on the machine (image/heif_plugin.h).
#pragma once

#include <string_view>

namespace nolabel {

// Whether a picture that an earlier process skipped for `reason` can be read now, because the
// library that was missing is there. Thread-safe.
bool can_be_read_now(std::string_view reason);

}  // namespace nolabel
