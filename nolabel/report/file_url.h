// Links from a page to files beside it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nolabel {

// Every byte outside of RFC 3986's unreserved characters and '/' becomes "%HH", so that spaces,
// '#', '?', '%' and bytes that are not UTF-8 stay parts of the name.
std::string percent_encoded(std::string_view path);

// The relative URL of `folder`, seen from a page in `page_folder`; ends with '/'. Links are
// followed first, because a browser does not know of them. Throws Error(Fault::system) when a
// folder cannot be looked at.
std::string folder_url(const std::filesystem::path& folder,
                       const std::filesystem::path& page_folder);

}  // namespace nolabel
