#include "tests/typed_page.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/tiny_run.h"

namespace nolabel {

namespace fs = std::filesystem;

std::string page_text(const std::string& file) {
  return read_file(fs::path(NOLABEL_SOURCE) / file);
}

std::vector<std::string> typed_lines(const std::string& page,
                                     const std::vector<std::string>& begins) {
  std::vector<std::string> lines;
  bool inside = false;
  std::istringstream text(page);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) {
      inside = std::ranges::find(begins, line) != begins.end();
    } else if (inside) {
      lines.push_back(line);
    }
  }
  return lines;
}

fs::path new_reader_home(const std::string& name) {
  fs::path home = new_folder(name);
  fs::create_directories(home / "nolabel");
  const fs::path source = NOLABEL_SOURCE;
  for (const char* folder : {"configs", "examples"}) {
    fs::create_directory_symlink(source / folder, home / "nolabel" / folder);
  }
  fs::create_directory_symlink(fs::path(NOLABEL_PROGRAM).parent_path(), home / "nolabel/build");
  return home;
}

std::string type_lines(const fs::path& home, const std::vector<std::string>& lines) {
  std::string script = "set -ex\n";
  for (const std::string& line : lines) script += line + "\n";
  const fs::path file = home / "typed.sh", errors = home / "errors";
  write_file(file, script);
  const int status =
      std::system(format("cd {0} && HOME={0} bash {1} > {0}/output 2> {2} < /dev/null",
                         home.string(), file.string(), errors.string())
                      .c_str());
  return status == 0 ? "" : read_file(errors);
}

}  // namespace nolabel
