#include "tests/program.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes patience{5};
constexpr int nobody = 65534;

fs::path new_output(const char* kind) {
  static int number = 0;
  return fs::path(testing::TempDir()) /
         format("nolabel_{}_{}.{}", int64_t{::getpid()}, ++number, kind);
}

void redirect(const fs::path& file, int descriptor) {
  ::dup2(::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0644), descriptor);
}

void limit(decltype(RLIMIT_FSIZE) what, int64_t bytes) {
  if (bytes <= 0) return;
  const rlimit both{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  ::setrlimit(what, &both);
}

// In the child: everything before the program takes over.
void settle(const Surroundings& surroundings) {
  limit(RLIMIT_FSIZE, surroundings.file_size_limit);
  limit(RLIMIT_AS, surroundings.address_space_limit);
  // Images that do not fit into the memory stay in each run: not among those of whoever tests.
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("HOME");
  // Nor does a backbone that they have change what `cluster` takes.
  for (const char* folder : {"TORCH_HOME", "HF_HOME", "HF_HUB_CACHE"}) ::unsetenv(folder);
  if (surroundings.no_temporary_folder) ::setenv("TMPDIR", "/nowhere", 1);
  if (!surroundings.ordinary_user || ::geteuid() != 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(127);
}

}  // namespace

Program::Program(const std::string& arguments, const Surroundings& surroundings)
    : out_(new_output("out")), err_(new_output("err")) {
  const auto is = [&](const char* name) { return arguments.starts_with(name); };
  const bool computes = !is("settings") && !is("convert") && !is("inspect") && !is("views") &&
                        !is("doctor") && !is("edits") && !is("export") && !is("backbone") &&
                        !is("cache");
  const std::string command =
      "exec " + surroundings.starter + " " NOLABEL_PROGRAM " " + arguments +
      (computes && arguments.find("--threads") == arguments.npos ? " --threads 1" : "");
  process_ = ::fork();
  if (process_ != 0) return;
  redirect("/dev/null", STDIN_FILENO);
  redirect(out_, STDOUT_FILENO);
  redirect(err_, STDERR_FILENO);
  settle(surroundings);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

Program::~Program() {
  if (!ended()) send(SIGKILL);
  wait();
  fs::remove(out_);
  fs::remove(err_);
}

bool Program::ended() {
  if (process_ > 0 && ::waitpid(process_, &status_, WNOHANG) == process_) process_ = -1;
  return process_ < 0;
}

bool Program::wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    if (ended()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

void Program::send(int signal) const {
  if (process_ > 0) ::kill(process_, signal);
}

std::string Program::errors() const {
  return fs::exists(err_) ? read_file(err_) : "";  // the process may not have begun yet
}

Outcome Program::wait() {
  if (process_ > 0) ::waitpid(process_, &status_, 0);
  process_ = -1;
  const int code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  return {code, read_file(out_), read_file(err_)};
}

Outcome run(const std::string& arguments, const Surroundings& surroundings) {
  return Program(arguments, surroundings).wait();
}

void expect_failure(const std::string& arguments, int code, const std::string& message,
                    const Surroundings& surroundings) {
  SCOPED_TRACE(arguments);
  const Outcome outcome = run(arguments + " --quiet", surroundings);
  EXPECT_EQ(outcome.code, code);
  EXPECT_EQ(outcome.out, "");
  const size_t begin = outcome.err.rfind('\n', outcome.err.size() - 2) + 1;
  const std::string last = outcome.err.substr(begin);
  EXPECT_THAT(last, testing::StartsWith("nolabel "));
  EXPECT_THAT(last, testing::HasSubstr(message));
}

}  // namespace nolabel
