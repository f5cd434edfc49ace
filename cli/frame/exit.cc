#include "cli/frame/exit.h"

#include <cstdio>
#include <new>
#include <string>
#include <system_error>

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

// The framework's messages go on with a trace.
std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

// LibTorch's allocators throw exceptions of its own, not std::bad_alloc.
bool means_no_memory(std::string_view message) {
  return message.find("DefaultCPUAllocator") != message.npos ||
         message.find("out of memory") != message.npos;
}

}  // namespace

int guarded(std::string_view command, const std::function<int()>& body) {
  try {
    return body();
  } catch (const Error& error) {
    return report(command, error.fault(), error.what());
  } catch (const std::bad_alloc&) {
    return report(command, Fault::system, "out of memory");
  } catch (const std::system_error& error) {  // files and threads
    return report(command, Fault::system, error.what());
  } catch (const std::exception& error) {
    if (means_no_memory(error.what())) return report(command, Fault::system, "out of memory");
    return report(command, Fault::internal, first_line(error.what()));
  }
}

}  // namespace nolabel::cli
