// A page of the documentation whose commands a test types as a reader does.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nolabel {

// "docs/tutorial.md" of the sources.
std::string page_text(const std::string& file);

// The lines of the blocks that begin with one of these lines, such as "```sh".
std::vector<std::string> typed_lines(const std::string& page,
                                     const std::vector<std::string>& begins);

// A new home with ~/nolabel as after `make build`.
std::filesystem::path new_reader_home(const std::string& name);

// Types the lines into a shell that stops at the first that fails; what the program prints goes to
// home/output. Returns what stderr then held, empty when every line succeeded.
std::string type_lines(const std::filesystem::path& home, const std::vector<std::string>& lines);

}  // namespace nolabel
