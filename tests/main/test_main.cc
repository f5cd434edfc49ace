// main() of every test program: each process gets a temporary folder of its own, so that tests
// which run side by side never write to the same file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

namespace {

// The tests of a suite share a process: what one sets in the environment must not reach the next.
class OwnEnvironment : public testing::EmptyTestEventListener {
  using Variables = std::map<std::string, std::string>;

  static Variables variables() {
    Variables all;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
      const std::string text = *entry;
      const size_t name_end = text.find('=');
      if (name_end != std::string::npos) all[text.substr(0, name_end)] = text.substr(name_end + 1);
    }
    return all;
  }

  void OnTestStart(const testing::TestInfo&) override { before_ = variables(); }
  void OnTestEnd(const testing::TestInfo&) override {
    for (const auto& [name, value] : variables()) {
      if (!before_.contains(name)) ::unsetenv(name.c_str());
    }
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }

  Variables before_;
};

bool all_were_skipped() {
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  return tests.skipped_test_count() > 0 && tests.skipped_test_count() == tests.test_to_run_count();
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "nolabel_test_").string() + std::string(6, 'X');
  if (!::mkdtemp(folder.data())) return 1;
  for (const char* variable : {"TEST_TMPDIR", "TMPDIR"}) ::setenv(variable, folder.c_str(), 1);
  ::testing::InitGoogleMock(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new OwnEnvironment);  // gtest deletes it
  int result = RUN_ALL_TESTS();
  if (result == 0 && all_were_skipped()) result = 77;  // ctest says so (SKIP_RETURN_CODE)
  std::error_code ignored;  // what could not be removed lies in a temporary folder
  fs::remove_all(folder, ignored);
  return result;
}
