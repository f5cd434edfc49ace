// The page's own files (assets/*), compiled into the program by assets.cmake.
#pragma once

#include <string_view>

namespace nolabel {

extern const std::string_view kPageHtml;
extern const std::string_view kStyleCss;
extern const std::string_view kScriptJs;  // all scripts, in the order that assets.cmake lists them

}  // namespace nolabel
