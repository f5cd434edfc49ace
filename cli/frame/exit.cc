#include "cli/frame/exit.h"

#include <cstdio>
#include <exception>
#include <string>

#include "cli/frame/printable.h"
#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

// `message` becomes one line.
int report(std::string_view command, Fault fault, std::string_view whole) {
  const std::string message = printable(whole);
  std::string text = command.empty() ? format("nolabel: {}\n", message)
                                     : format("nolabel {}: {}\n", command, message);
  if (fault == Fault::internal) {
    text += "This is a defect of nolabel. Please report it with the command that you ran.\n";
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  return exit_code(fault);
}

}  // namespace

int guarded(std::string_view command, const std::function<int()>& body) {
  try {
    return body();
  } catch (const SaidByAnother& error) {
    return exit_code(error.fault());
  } catch (const std::exception& exception) {
    const Error error = as_error(exception);
    return report(command, error.fault(), error.what());
  }
}

}  // namespace nolabel::cli
