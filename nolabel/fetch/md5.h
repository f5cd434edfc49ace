// MD5, only because it is what the published archives are known by.
#pragma once

#include <filesystem>
#include <string>

#include "nolabel/record/observer.h"

namespace nolabel {

// Of a file's content: 32 lower-case hexadecimal digits. Error(Fault::stopped) on request.
std::string md5_of_file(const std::filesystem::path& file, const Observer& observer);

}  // namespace nolabel
