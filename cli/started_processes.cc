#include "cli/started_processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel::cli {
namespace {

// The words that this process was started with.
std::vector<std::string> own_words() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> words;
  for (size_t begin = 0; begin < all.size();) {
    const size_t end = all.find('\0', begin);
    words.push_back(all.substr(begin, end - begin));
    begin = end == std::string::npos ? all.size() : end + 1;
  }
  return words;
}

// Those of this process, but where torchrun would say which process of the group it is.
std::vector<std::string> variables_of(int rank, int size, int port) {
  std::vector<std::string> variables = {
      format("RANK={}", rank),        format("LOCAL_RANK={}", rank),
      format("WORLD_SIZE={}", size),  format("LOCAL_WORLD_SIZE={}", size),
      "MASTER_ADDR=127.0.0.1",        format("MASTER_PORT={}", port),
      "TORCHELASTIC_RESTART_COUNT=0", "TORCHELASTIC_USE_AGENT_STORE=False"};
  const size_t ours = variables.size();
  for (char** variable = environ; *variable; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('=') + 1);
    bool is_ours = false;
    for (size_t i = 0; i < ours; ++i) is_ours |= variables[i].starts_with(name);
    if (!is_ours) variables.push_back(text);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Only what may follow a fork. Input and output are the first process's alone.
[[noreturn]] void become(char* const* words, char* const* variables, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_code(Fault::system));
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::execve("/proc/self/exe", words, variables);
  ::_exit(exit_code(Fault::system));
}

}  // namespace

StartedProcesses::StartedProcesses(int size, int port) {
  std::vector<std::string> words = own_words();
  const std::vector<char*> word_pointers = pointers(words);
  const pid_t parent = ::getpid();
  for (int rank = 1; rank < size; ++rank) {
    std::vector<std::string> variables = variables_of(rank, size, port);
    const std::vector<char*> variable_pointers = pointers(variables);
    const pid_t child = ::fork();
    if (child == 0) become(word_pointers.data(), variable_pointers.data(), parent);
    if (child < 0) {
      const std::string reason = system_reason(errno);
      for (const pid_t earlier : children_) ::kill(earlier, SIGKILL);
      end_all();
      fail_system("cannot start process {} of {}: {}", rank, size, reason);
    }
    children_.push_back(child);
  }
}

void StartedProcesses::require_all() {
  for (size_t i = 0; i < children_.size(); ++i) {
    int status = 0;
    if (::waitpid(children_[i], &status, WNOHANG) != children_[i]) continue;
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    for (const pid_t other : children_) ::kill(other, SIGKILL);  // they wait for it
    fail_system("process {} of {} has ended before all processes had met ({}).", i + 1,
                children_.size() + 2,
                WIFSIGNALED(status)
                    ? format("signal {}", WTERMSIG(status))
                    : format("exit code {}; its own message is above", WEXITSTATUS(status)));
  }
}

StartedProcesses::~StartedProcesses() {
  end_all();
}

void StartedProcesses::end_all() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (const pid_t child : children_) {
    while (::waitpid(child, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > give_up) ::kill(child, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace nolabel::cli
