// main() of every test program: each process gets a temporary folder of its own, so that tests
// which run side by side never write to the same file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "nolabel_test_").string() + std::string(6, 'X');
  if (!::mkdtemp(folder.data())) return 1;
  for (const char* variable : {"TEST_TMPDIR", "TMPDIR"}) ::setenv(variable, folder.c_str(), 1);
  ::testing::InitGoogleMock(&argc, argv);
  const int result = RUN_ALL_TESTS();
  std::error_code ignored;  // what could not be removed lies in a temporary folder
  fs::remove_all(folder, ignored);
  return result;
}
