// Runs the program nolabel as a user's shell does.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace nolabel {

struct Outcome {
  int code = 0;  // 128 + signal when one ended it
  std::string out, err;
};

// How the process differs from one that a user starts plainly.
struct Surroundings {
  int64_t file_size_limit = 0;      // bytes, as `ulimit -f` sets it; 0: none
  int64_t address_space_limit = 0;  // bytes, as `ulimit -v` sets it; 0: none
  bool ordinary_user = false;  // root gives up its rights first, so that permissions mean something
  std::string starter{};       // words before the program's name, as of torchrun
  bool no_temporary_folder = false;  // TMPDIR names a folder that does not exist
};

// The program in the background, with one compute thread. `arguments` are words as a POSIX shell
// reads them.
class Program {
 public:
  explicit Program(const std::string& arguments, const Surroundings& surroundings = {});
  Program(const Program&) = delete;
  ~Program();  // kills it if it still runs

  // Waits until `condition` holds; false when the program has ended or five minutes have passed.
  bool wait_until(const std::function<bool()>& condition);
  void send(int signal) const;
  std::string errors() const;  // on stderr so far
  Outcome wait();

 private:
  bool ended();

  std::filesystem::path out_, err_;
  int process_ = -1;
  int status_ = 0;
};

Outcome run(const std::string& arguments, const Surroundings& surroundings = {});

// Checks that the program, told to be quiet, ends with `code`, with nothing on stdout and a
// last line on stderr that contains `message`.
void expect_failure(const std::string& arguments, int code, const std::string& message,
                    const Surroundings& surroundings = {});

}  // namespace nolabel
