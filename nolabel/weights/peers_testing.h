// For tests that run PyTorch: the peers' environment (tools/peers.sh), where it is.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "nolabel/base/format.h"

namespace nolabel::testing_peers {

inline std::filesystem::path repository() {
  return std::filesystem::path(NOLABEL_TEST_DATA).parent_path().parent_path().parent_path();
}

// Its Python: NOLABEL_PEERS_PYTHON, or .peers/ in the repository.
inline std::optional<std::filesystem::path> python() {
  const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
  const std::filesystem::path program =
      chosen ? std::filesystem::path(chosen) : repository() / ".peers" / "bin" / "python";
  return std::filesystem::exists(program) ? std::optional(program) : std::nullopt;
}

// Exit status of a script of tools/ with these arguments.
inline int run(const std::filesystem::path& python, const std::string& script,
               const std::string& arguments) {
  const std::string command = format("'{}' '{}' {}", python.string(),
                                     (repository() / "tools" / script).string(), arguments);
  return std::system(command.c_str());
}

}  // namespace nolabel::testing_peers
